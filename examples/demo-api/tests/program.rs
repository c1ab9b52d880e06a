//! The program `demo-api`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

#[test]
fn it_serves_and_lists_its_endpoints() {
    let mut program =
        Command::new(env!("CARGO_BIN_EXE_demo-api")).args(["--records", "5"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines().map(Result::unwrap);
    let first = lines.next().unwrap();
    let address = first.split(' ').next().unwrap().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let listed = lines.by_ref().take_while(|line| !line.starts_with("Anywhere")).count();
    program.kill().unwrap();
    program.wait().unwrap();
    assert!(answer.ends_with("{\"status\":\"ok\"}"), "{answer}");
    assert!(listed > demo_api::ENDPOINTS.len());
}

#[test]
fn wrong_arguments_are_named() {
    for (arguments, message) in [
        (&["--port"][..], "--port lacks its value"),
        (&["--port", "x"], "--port cannot be \"x\""),
        (&["--host", "y"], "there is no option --host"),
        (&["--records", "9000000"], "cannot start: total has to be at most"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_demo-api")).args(arguments).output().unwrap();
        assert!(!output.status.success());
        assert!(String::from_utf8(output.stderr).unwrap().contains(message), "{arguments:?}");
    }
}
