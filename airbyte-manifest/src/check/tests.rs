use crate::Manifest;

#[test]
fn throw_away() {
    let mut cases: Vec<_> =
        std::fs::read_dir("/work/shared/conformance/cases").unwrap().map(|e| e.unwrap().path()).collect();
    cases.sort();
    for case in cases {
        let Ok(text) = std::fs::read_to_string(case.join("manifest.yaml")) else {
            println!("NOFILE {case:?}");
            continue;
        };
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        match Manifest::load(&text, &name, false) {
            Ok(m) => {
                if !m.report.findings.is_empty() {
                    println!("{}", m.report);
                } else {
                    println!("{name}: clean")
                }
            }
            Err(r) => println!("REFUSED {name}\n{r}"),
        }
    }
}
