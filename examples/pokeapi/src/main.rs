//! Pokémon from PokéAPI, which needs no key: a one-line stream, a paged list, and a request for each entry of the list.

use airbyte_runtime::prelude::*;

/// Everything that PokéAPI knows; there is nothing to configure.
#[source(
    name              = "source-pokeapi",
    title             = "PokéAPI",
    documentation_url = "https://pokeapi.co/docs/v2",
    base_url          = "https://pokeapi.co/api/v2",
    // PokéAPI is free and asks its users to be gentle.
    concurrency       = 4,
    streams           = [Type, PokemonList, Pokemon],
    check             = Type,
)]
struct PokeApi {}

/// A type such as `fire` or `water`.
#[stream(source = PokeApi, path = "/type", records = "results", paginator = next_url("next"), primary_key = name)]
struct Type {
    name: String,
    url: String,
}

/// An entry of the list of all Pokémon.
#[stream(
    source      = PokeApi,
    path        = "/pokemon",
    records     = "results",
    paginator   = offset_increment(page_size = 20, page_size_param = "limit"),
    primary_key = name,
)]
struct PokemonList {
    name: String,
    url: String,
}

/// A Pokémon, asked for by its name in the list. The answer is the record.
#[stream(
    source      = PokeApi,
    path        = "/pokemon/{parent.name}",
    parent      = PokemonList,
    primary_key = id,
)]
struct Pokemon {
    id: u32,
    name: String,
    /// In decimetres.
    height: u32,
    /// In hectograms.
    weight: u32,
    /// Missing for some forms.
    base_experience: Option<u32>,
    types: Vec<TypeSlot>,
    stats: Vec<StatValue>,
}

/// A type of a Pokémon; some have two.
#[record]
struct TypeSlot {
    slot: u8,
    r#type: Reference,
}

/// A base stat such as `hp` or `speed`.
#[record]
struct StatValue {
    base_stat: u16,
    effort: u16,
    stat: Reference,
}

/// How PokéAPI points to another resource.
#[record]
struct Reference {
    name: String,
    url: String,
}

airbyte_runtime::main!(PokeApi);

airbyte_runtime::connector_tests!(PokeApi, "tests");
