//! What the connector asks its user for, and what becomes of the answers.

use crate::node::Node;

use super::custom::Custom;
use super::declare::{choice, component, words};
use super::rule::{mapping, mapping_or_text};
use super::transformation::AddedFieldDefinition;
use super::value::Text;
use super::variables::{CONFIG, CONFIG_ADDED};

words! {
    /// The version of OAuth.
    AuthFlowType { Oauth2 = "oauth2.0", Oauth1 = "oauth1.0", }
}

words! {
    /// What is between scopes.
    ScopesJoinStrategy { Space = "space", Comma = "comma", Plus = "plus", }
}

choice! {
    /// A change to the configuration.
    ConfigTransformation {
        ConfigRemapField(ConfigRemapField),
        ConfigAddFields(ConfigAddFields),
        ConfigRemoveFields(ConfigRemoveFields),
        CustomConfigTransformation(Custom),
    }
}

choice! {
    /// A condition on the configuration.
    ConfigValidator {
        DpathValidator(DpathValidator),
        PredicateValidator(PredicateValidator),
    }
}

choice! {
    /// What a value is held against.
    ValidationStrategy {
        ValidateAdheresToSchema(ValidateAdheresToSchema),
        CustomValidationStrategy(Custom),
    }
}

component! {
    /// What the connector asks its user for.
    Spec {
        /// A JSON Schema for the configuration.
        connection_specification: Node, holds(mapping);
        /// Where it is described.
        documentation_url: Option<Text>;
        /// How a user logs in.
        advanced_auth: Option<AuthFlow>;
        /// What becomes of the configuration.
        config_normalization_rules: Option<ConfigNormalizationRules>;
    }
}

component! {
    /// How a user logs in.
    AuthFlow[.untagged()] {
        /// The version of OAuth.
        auth_flow_type: Option<AuthFlowType>;
        /// The path of the value that says that this login is chosen.
        predicate_key: Option<Vec<Text>>;
        /// That value.
        predicate_value: Option<Text>;
        /// What OAuth needs and gives.
        oauth_config_specification: Option<OAuthConfigSpecification>;
    }
}

component! {
    /// What OAuth needs and gives, as JSON Schemas.
    OAuthConfigSpecification[.untagged()] {
        /// What it needs of the configuration.
        oauth_user_input_from_connector_config_specification: Option<Node>, holds(mapping);
        /// How it is done, for APIs that Airbyte does not know.
        oauth_connector_input_specification: Option<OAuthConnectorInput>;
        /// What it gives.
        complete_oauth_output_specification: Option<Node>, holds(mapping);
        /// What the server needs.
        complete_oauth_server_input_specification: Option<Node>, holds(mapping);
        /// What the server gives.
        complete_oauth_server_output_specification: Option<Node>, holds(mapping);
    }
}

component! {
    /// How OAuth is done, for APIs that Airbyte does not know.
    OAuthConnectorInput[.untagged()] {
        /// The page on which the user agrees.
        consent_url: Text;
        /// The scopes as one text.
        scope: Option<Text>;
        /// The scopes.
        scopes: Vec<OAuthScope> = Vec::new();
        /// Scopes that the user may leave out.
        optional_scopes: Vec<OAuthScope> = Vec::new();
        /// What is between them.
        scopes_join_strategy: Option<ScopesJoinStrategy>;
        /// The address that gives tokens.
        access_token_url: Text;
        /// Headers of that request.
        access_token_headers: Option<Node>, holds(mapping);
        /// Parameters of that request.
        access_token_params: Option<Node>, holds(mapping);
        /// The keys that its answer has.
        extract_output: Vec<Text> = Vec::new();
        /// The length of the state.
        state: Option<OAuthState>;
        /// The key of the client's id.
        client_id_key: Option<Text>;
        /// The key of the client's secret.
        client_secret_key: Option<Text>;
        /// The key of the scopes.
        scope_key: Option<Text>;
        /// The key of the state.
        state_key: Option<Text>;
        /// The key of the code.
        auth_code_key: Option<Text>;
        /// The key of the address to return to.
        redirect_uri_key: Option<Text>;
    }
}

component! {
    /// One scope.
    OAuthScope[.untagged()] {
        /// Its name.
        scope: Text;
    }
}

component! {
    /// The length of OAuth's state.
    OAuthState[.untagged()] {
        /// At least.
        min: i64;
        /// At most.
        max: i64;
    }
}

component! {
    /// What becomes of the configuration.
    ConfigNormalizationRules[.closed()] {
        /// Changes that are kept.
        config_migrations: Vec<ConfigMigration> = Vec::new();
        /// Changes for this run.
        transformations: Vec<ConfigTransformation> = Vec::new();
        /// Conditions.
        validations: Vec<ConfigValidator> = Vec::new();
    }
}

component! {
    /// Changes that are kept.
    ConfigMigration {
        /// What they are for.
        description: Option<Text>;
        /// The changes.
        transformations: Vec<ConfigTransformation>;
    }
}

component! {
    /// Gives a value for a value.
    ConfigRemapField {
        /// Values by values.
        map: Node, holds(mapping_or_text), sees(CONFIG);
        /// The path of the field.
        field_path: Vec<Text>, sees(CONFIG);
    }
}

component! {
    /// Sets fields of the configuration.
    ConfigAddFields {
        /// The fields.
        fields: Vec<AddedFieldDefinition>;
        /// When; always where empty.
        condition: Text = Text::of(""), sees(CONFIG_ADDED);
    }
}

component! {
    /// Removes fields of the configuration.
    ConfigRemoveFields {
        /// Their paths.
        field_pointers: Vec<Vec<Text>>;
        /// When; always where empty.
        condition: Text = Text::of(""), sees(CONFIG);
    }
}

component! {
    /// A condition on a part of the configuration.
    DpathValidator {
        /// The part's path.
        field_path: Vec<Text>, sees(CONFIG);
        /// The condition.
        validation_strategy: ValidationStrategy;
    }
}

component! {
    /// A condition on a template's value.
    PredicateValidator {
        /// The value.
        value: Node, sees(CONFIG);
        /// The condition.
        validation_strategy: ValidationStrategy;
    }
}

component! {
    /// Holds a value against a JSON Schema.
    ValidateAdheresToSchema {
        /// The schema.
        base_schema: Node, holds(mapping_or_text), sees(CONFIG);
    }
}
