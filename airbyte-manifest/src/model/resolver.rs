//! Streams that a template and a list of values give.

use crate::node::Node;

use super::declare::{choice, component};
use super::retriever::Retriever;
use super::rule::{mappings, stream};
use super::transformation::ValueType;
use super::value::{OneOrMany, Text};
use super::variables::{COMPONENTS, CONFIG};

choice! {
    /// Where the values come from.
    ComponentsResolver {
        HttpComponentsResolver(Box<HttpComponentsResolver>),
        ConfigComponentsResolver(ConfigComponentsResolver),
        ParametrizedComponentsResolver(ParametrizedComponentsResolver),
    }
}

component! {
    /// Many streams from one template.
    DynamicDeclarativeStream {
        /// The name of them all.
        name: Text = Text::of("");
        /// The template; values are written into it before it is read as a stream.
        stream_template: Node, holds(stream);
        /// The values.
        components_resolver: ComponentsResolver;
        /// Whether the `$parameters` of the outer component win over those of the inner.
        use_parent_parameters: bool = true;
    }
}

component! {
    /// The values are the records that an API gives.
    HttpComponentsResolver {
        /// What asks.
        retriever: Retriever;
        /// Where the values go.
        components_mapping: Vec<ComponentMappingDefinition>;
    }
}

component! {
    /// The values are in the configuration.
    ConfigComponentsResolver {
        /// Where; several give their product.
        stream_config: OneOrMany<StreamConfig>;
        /// Where the values go.
        components_mapping: Vec<ComponentMappingDefinition>;
    }
}

component! {
    /// A list in the configuration.
    StreamConfig {
        /// Its path.
        configs_pointer: Vec<Text>, sees(CONFIG);
        /// A list of values that come before it.
        default_values: Option<Node>, holds(mappings);
    }
}

component! {
    /// The values are in the manifest.
    ParametrizedComponentsResolver {
        /// The values.
        stream_parameters: StreamParametersDefinition;
        /// Where the values go.
        components_mapping: Vec<ComponentMappingDefinition>;
    }
}

component! {
    /// Values, one mapping for each stream.
    StreamParametersDefinition {
        /// The list of mappings.
        list_of_parameters_for_stream: Node, holds(mappings);
    }
}

component! {
    /// One value and its place in the template.
    ComponentMappingDefinition {
        /// The path in the template.
        field_path: Vec<Text>, sees(COMPONENTS);
        /// The value.
        value: Text, sees(COMPONENTS);
        /// The value's type.
        value_type: Option<ValueType>;
        /// Whether it is written where the template has nothing.
        create_or_update: bool = false;
        /// When; always where absent.
        condition: Option<Text>, sees(COMPONENTS);
    }
}
