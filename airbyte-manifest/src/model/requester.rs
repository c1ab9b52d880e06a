//! What is asked: address, parameters, headers and body.

use crate::node::Node;

use super::auth::Authenticator;
use super::custom::Custom;
use super::declare::{choice, component, words};
use super::error_handler::ErrorHandler;
use super::query::{PropertiesFromEndpoint, QueryProperties};
use super::rule::{graphql, mapping, mapping_or_text, request_parameters, text_mapping, text_mapping_or_text};
use super::value::Text;
use super::variables::{CONFIG, REQUEST};

choice! {
    /// What sends requests.
    Requester {
        HttpRequester(Box<HttpRequester>),
        CustomRequester(Custom),
    }
}

choice! {
    /// A request's body.
    RequestBody {
        RequestBodyPlainText(RequestBodyPlainText),
        RequestBodyUrlEncodedForm(RequestBodyUrlEncodedForm),
        RequestBodyJsonObject(RequestBodyJsonObject),
        RequestBodyGraphQL(RequestBodyGraphQL),
    }
}

words! {
    /// A request's method.
    HttpMethod { Get = "GET", Post = "POST", }
}

words! {
    /// The part of a request that takes a value.
    InjectInto { RequestParameter = "request_parameter", Header = "header", BodyData = "body_data", BodyJson = "body_json", }
}

component! {
    /// Sends HTTP requests.
    HttpRequester {
        /// The first part of the address.
        url_base: Option<Text>, sees(REQUEST), deprecated("write the whole address in `url`");
        /// The address.
        url: Option<Text>, sees(REQUEST);
        /// The last part of the address.
        path: Option<Text>, sees(REQUEST), deprecated("write the whole address in `url`");
        /// The method.
        http_method: HttpMethod = HttpMethod::Get;
        /// The credentials.
        authenticator: Option<Authenticator>;
        /// Asks which properties there are.
        fetch_properties_from_endpoint: Option<Box<PropertiesFromEndpoint>>, deprecated("use `query_properties`");
        /// The properties to ask for.
        query_properties: Option<Box<QueryProperties>>;
        /// Parameters: text to text or to `QueryProperties`, or a template.
        request_parameters: Option<Node>, holds(request_parameters), sees(REQUEST);
        /// Headers: text to text, or a template.
        request_headers: Option<Node>, holds(text_mapping_or_text), sees(REQUEST);
        /// A form or plain text as body.
        request_body_data: Option<Node>, holds(text_mapping_or_text), sees(REQUEST), deprecated("use `request_body`");
        /// JSON as body.
        request_body_json: Option<Node>, holds(mapping_or_text), sees(REQUEST), deprecated("use `request_body`");
        /// The body.
        request_body: Option<RequestBody>;
        /// What to do about failures.
        error_handler: Option<ErrorHandler>;
        /// Whether answers are kept and used again.
        use_cache: bool = false;
        /// The longest time to connect, in seconds.
        connect_timeout_in_seconds: Option<f64>;
        /// The longest time without an answer, in seconds.
        read_timeout_in_seconds: Option<f64>;
        /// Whether idle connections are probed.
        use_tcp_keepalive: bool = false;
    }
}

component! {
    /// Puts a value into a part of the request.
    RequestOption {
        /// The part.
        inject_into: InjectInto;
        /// The key there.
        field_name: Option<Text>, sees(CONFIG);
        /// The path there, for JSON bodies.
        field_path: Option<Vec<Text>>, sees(CONFIG);
    }
}

component! {
    /// The page token is the address of the next request.
    RequestPath {}
}

component! {
    /// A body as it is.
    RequestBodyPlainText {
        /// The text.
        value: Text, sees(REQUEST);
    }
}

component! {
    /// A form.
    RequestBodyUrlEncodedForm {
        /// Text to text.
        value: Node, holds(text_mapping), sees(REQUEST);
    }
}

component! {
    /// A JSON object.
    RequestBodyJsonObject {
        /// The object.
        value: Node, holds(mapping), sees(REQUEST);
    }
}

component! {
    /// A GraphQL query.
    RequestBodyGraphQL {
        /// The JSON object to send: `query`, and any other keys.
        value: Node, holds(graphql), sees(REQUEST);
    }
}

component! {
    /// The part of a GraphQL request that must be there; any other keys are sent too.
    RequestBodyGraphQlQuery[.untagged().free()] {
        /// The query.
        query: Text, sees(REQUEST);
    }
}
