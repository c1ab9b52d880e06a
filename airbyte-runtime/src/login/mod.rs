//! `login`: a user logs in with a browser, as Airbyte's platform lets them, and the tokens go into the configuration's
//! file.

mod template;

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::Method;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde_json::{Map, Value, json};
use url::Url;

use self::template::{Names, key};
use crate::error::{Error, Result};
use crate::http::token::exchange_raw;
use crate::http::{Callback, HttpClient, HttpSettings};
use crate::output::Output;
use crate::placeholder::as_text;
use crate::plan::{RequestBody, RequestDraft};
use crate::protocol::{Log, LogLevel, Message};
use crate::replace::replace;
use crate::run::{ConfigFile, user_agent};

/// How long somebody may take to log in.
const PATIENCE: Duration = Duration::from_secs(600);
/// How many characters of a server's reason are shown.
const MAX_REASON: usize = 200;
/// RFC 7636 wants verifiers of these lengths, and the state is the verifier.
const STATE_LENGTH: (u64, u64) = (43, 128);

/// Lets a user log in as `advanced_auth` says, and writes what comes of it into the file of the configuration, whose
/// secrets are masked.
///
/// # Errors
/// A connector without such a login, a configuration without a client, and a login that is refused are config errors.
pub(crate) async fn login(
    advanced_auth: Option<Value>,
    file: ConfigFile,
    secrets: Vec<String>,
    port: u16,
    output: &Output,
) -> Result<()> {
    let advanced_auth = advanced_auth.unwrap_or_default();
    let specification = advanced_auth.get("oauth_config_specification").cloned().unwrap_or_default();
    let input = specification.get("oauth_connector_input_specification").filter(|input| input.is_object());
    let input = input.ok_or_else(|| {
        Error::config(
            "the connector does not say how to log in with a browser; put the credentials into the configuration",
        )
    })?;
    let mut config = file.value;
    let callback = Callback::bind(port)?;
    let (mut names, client_secret) = names(&specification, input, &config)?;
    output.redactor().add(&client_secret);
    names.learn(input, "redirect_uri", &callback.url());
    let state = state(input)?;
    names.learn(input, "state", &state);
    let consent_url = names.render(text(input, "consent_url"))?;
    // The address needs the id of the client, say, whose mask would make it useless.
    let (needed, others): (Vec<_>, Vec<_>) = secrets.iter().partition(|secret| names.knows(secret));
    others.into_iter().for_each(|secret| output.redactor().add(secret));
    say(
        output,
        format!(
            "open this address in a browser; the OAuth application has to allow `{}` as a redirect URL: {consent_url}",
            callback.url()
        ),
    )?;
    needed.into_iter().for_each(|secret| output.redactor().add(secret));
    let (code_key, state_key) = (key(input, "auth_code"), key(input, "state"));
    let come_back = callback.wait(PATIENCE, |found| match (found.get(code_key), found.get("error")) {
        // Whoever does not know the state was not sent by this login.
        _ if found.get(state_key) != Some(&state) => None,
        (Some(code), _) => Some(Ok(code.clone())),
        (None, Some(error)) => Some(Err(found.get("error_description").unwrap_or(error).clone())),
        (None, None) => None,
    });
    let code = come_back.await?.map_err(|refusal| Error::config(format!("the login was refused: {refusal}")))?;
    output.redactor().add(&code);
    names.learn(input, "auth_code", &code);
    // Not before: no address that is opened may have it.
    names.learn(input, "client_secret", &client_secret);
    let answer = exchange(input, &names, output).await?;
    let placed = keep(&specification, input, &answer, &mut config, output)?;
    if let (Some(path), Some(value)) = (path_of(&advanced_auth["predicate_key"]), advanced_auth.get("predicate_value"))
    {
        set(&mut config, &path, value.clone());
    }
    replace(&file.path, &format!("{config:#}\n")).map_err(|error| {
        Error::config(format!("the config file `{}` cannot be written: {error}", file.path.display()))
    })?;
    say(output, format!("logged in: `{}` now has {}", file.path.display(), placed.join(", ")))
}

fn say(output: &Output, message: String) -> Result<()> {
    output.message(Message::Log(Log { level: LogLevel::Info, message: message.into(), stack_trace: None }))
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// What the user has configured so far: what the addresses need, the client, and its secret.
fn names(specification: &Value, input: &Value, config: &Value) -> Result<(Names, String)> {
    let configured = |part: &str, name: &str| {
        let path = path_of(&specification[part]["properties"][name]["path_in_connector_config"])?;
        let found = path.iter().try_fold(config, |value, key| value.get(key)).filter(|value| !value.is_null());
        Some((path, found.map(|value| as_text(value).into_owned())))
    };
    let user_input = "oauth_user_input_from_connector_config_specification";
    let mut known = BTreeMap::new();
    for name in specification[user_input]["properties"].as_object().into_iter().flat_map(Map::keys) {
        let (path, value) = configured(user_input, name).ok_or_else(|| unplaced(name))?;
        known.insert(name.clone(), value.ok_or_else(|| missing(&path))?);
    }
    let mut names = Names::new(known);
    let server_output = "complete_oauth_server_output_specification";
    let of_client = |parameter| {
        let found = configured(server_output, key(input, parameter)).or_else(|| configured(server_output, parameter));
        found.map(|(path, value)| value.ok_or_else(|| missing(&path))).transpose()
    };
    let client_id = of_client("client_id")?.ok_or_else(|| unplaced("client_id"))?;
    names.learn(input, "client_id", &client_id);
    names.learn(input, "scope", &scope(input));
    // A client that everybody knows has no secret.
    Ok((names, of_client("client_secret")?.unwrap_or_default()))
}

fn missing(path: &[String]) -> Error {
    let path = path.join(".");
    Error::config(format!("the login needs `{path}`; put that of your OAuth application into the configuration first"))
}

fn unplaced(name: &str) -> Error {
    Error::system(format!("`advanced_auth` does not say where `{name}` is in the configuration"))
}

fn scope(input: &Value) -> String {
    let scopes = input.get("scopes").and_then(Value::as_array);
    let Some(scopes) = scopes else { return text(input, "scope").to_owned() };
    let separator = match text(input, "scopes_join_strategy") {
        "comma" => ",",
        "plus" => "+",
        _ => " ",
    };
    let scopes: Vec<&str> = scopes.iter().map(|scope| text(scope, "scope")).collect();
    scopes.join(separator)
}

/// A text that nobody guesses, as long as the connector wants it.
fn state(input: &Value) -> Result<String> {
    let bound = |key: &str, default| input["state"].get(key).and_then(Value::as_u64).unwrap_or(default);
    let length = STATE_LENGTH.0.clamp(bound("min", 0), bound("max", STATE_LENGTH.1).max(bound("min", 0)));
    let mut bytes = [0; 128];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::system("the system has no random numbers"))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes).chars().take(usize::try_from(length).unwrap_or(43)).collect())
}

/// Exchanges the code for tokens.
async fn exchange(input: &Value, names: &Names, output: &Output) -> Result<Value> {
    let url = names.render(text(input, "access_token_url"))?;
    let url = Url::parse(&url).map_err(|_| Error::system("`access_token_url` is not a URL"))?;
    let rendered = |key: &str| -> Result<Vec<(String, String)>> {
        let entries = input.get(key).and_then(Value::as_object).into_iter().flatten();
        entries.map(|(name, value)| Ok((names.render(name)?, names.render(&as_text(value))?))).collect()
    };
    let params = rendered("access_token_params")?;
    let body = match params.is_empty() {
        true => RequestBody::Form(Vec::new()),
        false => RequestBody::Json(params.into_iter().map(|(name, value)| (name, Value::from(value))).collect()),
    };
    let mut request = RequestDraft { method: Method::POST, url, query: Vec::new(), headers: Default::default(), body };
    request.set_header("Accept", "application/json")?;
    for (name, value) in rendered("access_token_headers")? {
        request.set_header(&name, &value)?;
    }
    let agent = user_agent("login", env!("CARGO_PKG_VERSION"));
    let client = HttpClient::new(&agent, HttpSettings::prompt(), output.redactor().clone());
    let response = exchange_raw(&client, request).await?;
    if !response.status.is_success() {
        let said = client.api_message(&response.body).map(|said| format!(": {said}")).unwrap_or_default();
        return Err(Error::config(format!("the authorization server answered {}{said}", response.status)));
    }
    let answer = serde_json::from_slice(&response.body)
        .map_err(|_| Error::system("the authorization server gave tokens in something that is not JSON"))?;
    match refusal(&answer) {
        Some(reason) => {
            let reason = client.shown(&reason, MAX_REASON);
            Err(Error::config(format!("the authorization server gave no tokens: {reason}")))
        }
        None => Ok(answer),
    }
}

/// Why there are no tokens in an answer that calls itself a success, as some servers refuse.
fn refusal(answer: &Value) -> Option<String> {
    let said = |key: &str| match answer.get(key) {
        Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        Some(object @ Value::Object(fields)) if !fields.is_empty() => Some(object.to_string()),
        _ => None,
    };
    let is_refused = answer.get("ok") == Some(&Value::Bool(false));
    match (said("error"), said("error_description").or_else(|| said("message"))) {
        (Some(error), Some(description)) => Some(format!("{error}: {description}")),
        (Some(error), None) => Some(error),
        (None, description) if is_refused => Some(description.unwrap_or_else(|| "it says `ok: false`".to_owned())),
        (None, _) => None,
    }
}

/// Puts what is kept of the answer into the configuration; the places where it went.
fn keep(
    specification: &Value,
    input: &Value,
    answer: &Value,
    config: &mut Value,
    output: &Output,
) -> Result<Vec<String>> {
    let names = input.get("extract_output").and_then(Value::as_array);
    let names: Vec<&str> = match names {
        Some(names) => names.iter().filter_map(Value::as_str).collect(),
        None => vec!["refresh_token"],
    };
    let mut kept = Map::new();
    for path in names {
        let found = path.split('.').try_fold(answer, |value, key| value.get(key)).filter(|value| !value.is_null());
        let found = found.ok_or_else(|| Error::system(format!("the authorization server gave no `{path}`")))?;
        let name = path.rsplit('.').next().unwrap_or(path);
        if name == "expires_in" {
            let seconds = as_text(found).parse::<i64>().unwrap_or(0);
            let expiry = jiff::Timestamp::now().saturating_add(jiff::SignedDuration::from_secs(seconds));
            kept.insert(
                "token_expiry_date".to_owned(),
                json!(expiry.map(|expiry| expiry.to_string()).unwrap_or_default()),
            );
        }
        if let Some(token) = found.as_str() {
            output.redactor().add(token);
        }
        kept.insert(name.to_owned(), found.clone());
    }
    let mut placed = Vec::new();
    let properties = specification["complete_oauth_output_specification"]["properties"].as_object();
    for (name, property) in properties.into_iter().flatten() {
        let source = path_of(&property["path_in_oauth_response"]).unwrap_or_else(|| vec![name.clone()]);
        let value = source.last().and_then(|last| kept.get(last)).or_else(|| kept.get(name));
        if let (Some(value), Some(path)) = (value, path_of(&property["path_in_connector_config"])) {
            set(config, &path, value.clone());
            placed.push(format!("`{}`", path.join(".")));
        }
    }
    match placed.is_empty() {
        true => Err(Error::system("`advanced_auth` does not say where the tokens are in the configuration")),
        false => Ok(placed),
    }
}

fn path_of(value: &Value) -> Option<Vec<String>> {
    let path: Vec<String> = value.as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    (!path.is_empty()).then_some(path)
}

/// Puts a value at a path; what is in its way and is no object is replaced.
fn set(config: &mut Value, path: &[String], value: Value) {
    let mut at = config;
    for key in path {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Value::Object(object) = at else { return };
        at = object.entry(key.clone()).or_insert(Value::Null);
    }
    *at = value;
}
