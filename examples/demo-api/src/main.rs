//! Serves the demo API until it is killed.

use std::process::ExitCode;
use std::thread;

use demo_api::{Builder, DemoApi, ENDPOINTS};

const USAGE: &str = "usage: demo-api [--port N] [--records N]

  --port N     the port on 127.0.0.1 (default: a free one)
  --records N  how many records /records has (default: 100000)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    match configured(&arguments).and_then(|builder| builder.start().map_err(|error| format!("cannot start: {error}"))) {
        Ok(api) => serve(&api),
        Err(message) => {
            eprintln!("demo-api: {message}");
            ExitCode::FAILURE
        }
    }
}

fn configured(arguments: &[String]) -> Result<Builder, String> {
    let mut builder = DemoApi::builder();
    for pair in arguments.chunks(2) {
        let [name, value] = pair else { return Err(format!("{} lacks its value\n\n{USAGE}", pair.concat())) };
        let invalid = |_| format!("{name} cannot be {value:?}\n\n{USAGE}");
        builder = match name.as_str() {
            "--port" => builder.port(value.parse().map_err(invalid)?),
            "--records" => builder.records(value.parse().map_err(invalid)?),
            _ => return Err(format!("there is no option {name}\n\n{USAGE}")),
        };
    }
    Ok(builder)
}

fn serve(api: &DemoApi) -> ! {
    println!("{}  (Authorization: Bearer {})\n", api.url(), DemoApi::TOKEN);
    let width = ENDPOINTS.iter().map(|(endpoint, _)| endpoint.len()).max().unwrap_or(0);
    for (endpoint, meaning) in ENDPOINTS {
        println!("  {endpoint:width$}  {meaning}");
    }
    println!("\nAnywhere: fault=500|429|html|truncate|reset|slow|once-500, gzip=1");
    loop {
        thread::park();
    }
}
