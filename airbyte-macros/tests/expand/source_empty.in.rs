#[source(base_url = "https://pokeapi.co/api/v2", streams = [Pokemon])]
pub struct PokeApi;
