//! OSV API v1 and the exports: what clients of osv.dev send, what they are told, and what they never learn.

use std::path::{Path, PathBuf};
use std::{env, fs};

use expect_test::{Expect, expect};
use scan::Builder;
use serde_json::{Value, json};

use crate::advisories::published;
use crate::common::{House, Seen, Visitor};
use crate::who::wait;

/// Others' advisories, a record a line.
const MIRRORED: &[&str] = &[
    r#"{"id":"PYSEC-2019-16","modified":"2021-07-15T02:22:13Z","published":"2019-12-02T14:15:00Z","aliases":["CVE-2019-19118","GHSA-hvmf-r92r-27hr"],"details":"A model editing flaw.","affected":[{"package":{"ecosystem":"PyPI","name":"django","purl":"pkg:pypi/django"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"2.1"},{"fixed":"2.1.15"},{"introduced":"2.2"},{"fixed":"2.2.8"}]}],"versions":["2.2","2.2.1"]}]}"#,
    r#"{"id":"PYSEC-2018-66","modified":"2021-07-05T00:01:20.5Z","aliases":["CVE-2018-1000656"],"details":"Flask before 0.12.3.","affected":[{"package":{"ecosystem":"PyPI","name":"flask"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"0.12.3"}]}]}]}"#,
    r#"{"id":"PYSEC-0000-1","modified":"2021-07-05T00:01:20Z","withdrawn":"2022-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"PyPI","name":"flask"},"versions":["0.12"]}]}"#,
    r#"{"id":"DSA-1-1","modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"Debian:12","name":"curl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"7.88.1-10"}]}]}]}"#,
    r#"{"id":"OSV-1","modified":"2024-01-01T00:00:00Z","affected":[{"ranges":[{"type":"GIT","repo":"https://github.com/a/a","events":[{"introduced":"6879efc2c1596d11a6a6ad296f80063b558d5e0f"}]}]}]}"#,
];

/// Writes an index of `records` in the place of what is there.
fn write(file: &Path, records: &[&str]) {
    let mut builder = Builder::new("2026-11-19T00:00:00Z".parse().unwrap());
    for text in records {
        advisory::read(
            advisory::Format::Osv,
            text.as_bytes(),
            &mut |record| builder.add_original("test", record, Some(text.as_bytes())),
            &mut |problem| panic!("{problem:?}"),
        );
    }
    builder.finish(file).unwrap();
}

/// A house with a mirror of [`MIRRORED`], and the folder that it is in.
fn mirroring() -> (House, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mirror.index");
    write(&file, MIRRORED);
    let house = House::start_as(&["--advisories", &file.display().to_string()]);
    (house, folder)
}

fn check(script: &str, wanted: Expect) {
    let (house, _folder) = mirroring();
    wanted.assert_eq(&house.anon().play(script));
}

fn asked(visitor: &Visitor, path: &str, query: &Value) -> Seen {
    visitor.send_json("POST", path, &query.to_string())
}

#[test]
fn a_version_a_package_a_purl_and_a_commit_are_asked_for_as_at_osv_dev() {
    check(
        r#"POST /v1/query {"package": {"name": "Flask", "ecosystem": "PyPI"}, "version": "0.12"}
        POST /v1/query {"package": {"name": "flask", "ecosystem": "PyPI"}, "version": "0.12.3"}
        POST /v1/query {"package": {"name": "curl", "ecosystem": "Debian"}, "version": "7.80.0-1"}
        POST /v1/query {"package": {"name": "curl", "ecosystem": "Debian:11"}, "version": "7.80.0-1"}
        POST /v1/querybatch {"queries": [{"package": {"purl": "pkg:pypi/flask@0.12"}}, {"package": {"purl": "pkg:unheard/of@1"}}, {"package": {"purl": "pkg:pypi/django"}}, {"commit": "6879efc2c1596d11a6a6ad296f80063b558d5e0f"}, {"package": {"name": "curl"}, "version": "1"}]}
        POST /v1/querybatch {"queries": []}
        GET /v1/vulns/PYSEC-2018-66
        GET /v1/vulns/PYSEC-0000-1"#,
        expect![[r#"
            POST /v1/query {"package": {"name": "Flask", "ecosystem": "PyPI"}, "version": "0.12"}
              200 (cache-control no-store)
              {"vulns":[{"id":"PYSEC-2018-66","modified":"2021-07-05T00:01:20.5Z","aliases":["CVE-2018-1000656"],"details":"Flask before 0.12.3.","affected":[{"package":{"ecosystem":"PyPI","name":"flask"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"0.12.3"}]}]}]}]}
            POST /v1/query {"package": {"name": "flask", "ecosystem": "PyPI"}, "version": "0.12.3"}
              200 (cache-control no-store)
              {}
            POST /v1/query {"package": {"name": "curl", "ecosystem": "Debian"}, "version": "7.80.0-1"}
              200 (cache-control no-store)
              {"vulns":[{"id":"DSA-1-1","modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"Debian:12","name":"curl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"7.88.1-10"}]}]}]}]}
            POST /v1/query {"package": {"name": "curl", "ecosystem": "Debian:11"}, "version": "7.80.0-1"}
              200 (cache-control no-store)
              {}
            POST /v1/querybatch {"queries": [{"package": {"purl": "pkg:pypi/flask@0.12"}}, {"package": {"purl": "pkg:unheard/of@1"}}, {"package": {"purl": "pkg:pypi/django"}}, {"commit": "6879efc2c1596d11a6a6ad296f80063b558d5e0f"}, {"package": {"name": "curl"}, "version": "1"}]}
              200 (cache-control no-store)
              {"results":[{"vulns":[{"id":"PYSEC-2018-66","modified":"2021-07-05T00:01:20.5Z"}]},{},{"vulns":[{"id":"PYSEC-2019-16","modified":"2021-07-15T02:22:13Z"}]},{"vulns":[{"id":"OSV-1","modified":"2024-01-01T00:00:00Z"}]},{"vulns":[{"id":"DSA-1-1","modified":"2024-01-01T00:00:00Z"}]}]}
            POST /v1/querybatch {"queries": []}
              200 (cache-control no-store)
              {"results":[]}
            GET /v1/vulns/PYSEC-2018-66
              200 (cache-control no-store)
              {"id":"PYSEC-2018-66","modified":"2021-07-05T00:01:20.5Z","aliases":["CVE-2018-1000656"],"details":"Flask before 0.12.3.","affected":[{"package":{"ecosystem":"PyPI","name":"flask"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"0.12.3"}]}]}]}
            GET /v1/vulns/PYSEC-0000-1
              200 (cache-control no-store)
              {"id":"PYSEC-0000-1","modified":"2021-07-05T00:01:20Z","withdrawn":"2022-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"PyPI","name":"flask"},"versions":["0.12"]}]}
        "#]],
    );
}

#[test]
fn a_refusal_has_the_form_and_the_words_of_osv_dev() {
    check(
        r#"POST /v1/query {"package": {"name": "flask"}}
        POST /v1/query {"package": {"name": "flask", "ecosystem": "Nowhere"}, "version": "1"}
        POST /v1/query {"package": {"purl": "pkg:pypi/flask@1"}, "version": "1"}
        POST /v1/query {"commit": "nonsense"}
        POST /v1/query {"version": 1}
        POST /v1/querybatch {"queries": [{"package": {"purl": "pkg:pypi/flask@1"}}, {}]}
        GET /v1/vulns/CVE-2018-1000656
        GET /v1/vulns/PYSEC-1
        POST /v1experimental/determineversion {"file_hashes": []}"#,
        expect![[r#"
            POST /v1/query {"package": {"name": "flask"}}
              400 (cache-control no-store)
              {"code":3,"message":"invalid query"}
            POST /v1/query {"package": {"name": "flask", "ecosystem": "Nowhere"}, "version": "1"}
              400 (cache-control no-store)
              {"code":3,"message":"invalid ecosystem"}
            POST /v1/query {"package": {"purl": "pkg:pypi/flask@1"}, "version": "1"}
              400 (cache-control no-store)
              {"code":3,"message":"version specified in params and PURL query"}
            POST /v1/query {"commit": "nonsense"}
              400 (cache-control no-store)
              {"code":3,"message":"invalid hash"}
            POST /v1/query {"version": 1}
              400 (cache-control no-store)
              {"code":3,"message":"the body is no query in JSON: invalid type: integer `1`, expected a string at line 1 column 13"}
            POST /v1/querybatch {"queries": [{"package": {"purl": "pkg:pypi/flask@1"}}, {}]}
              400 (cache-control no-store)
              {"code":3,"message":"error in query at index 1: invalid query"}
            GET /v1/vulns/CVE-2018-1000656
              404 (cache-control no-store)
              {"code":5,"message":"Vulnerability not found, but the following aliases were: PYSEC-2018-66"}
            GET /v1/vulns/PYSEC-1
              404 (cache-control no-store)
              {"code":5,"message":"Vulnerability not found"}
            POST /v1experimental/determineversion {"file_hashes": []}
              501 (cache-control no-store)
              {"code":12,"message":"no hashes of libraries' files are kept here; ask with packages, package URLs or commits at `/v1/query`"}
        "#]],
    );
}

#[test]
fn a_batch_has_a_thousand_queries_and_a_mebibyte_at_most() {
    let (house, _folder) = mirroring();
    let one = json!({"package": {"name": "flask", "ecosystem": "PyPI"}, "version": "0.12"});
    let batch = |count: usize| json!({"queries": vec![&one; count]});
    let most = asked(&house.anon(), "/v1/querybatch", &batch(1_000));
    assert_eq!(most.status, 200);
    assert_eq!(most.json()["results"].as_array().unwrap().len(), 1_000);
    let over = asked(&house.anon(), "/v1/querybatch", &batch(1_001));
    expect![[r#"
        answered
          400 (cache-control no-store)
          {"code":3,"message":"too many queries; at most 1000 are answered at once"}
    "#]]
    .assert_eq(&format!("answered\n{}", over.said()));
    let long = json!({"version": "1".repeat(1 << 20)});
    let long = asked(&house.anon(), "/v1/query", &long);
    expect![[r#"
        answered
          413 (cache-control no-store)
          {"code":8,"message":"the body is longer than 1 MiB; ask with fewer queries at a time"}
    "#]]
    .assert_eq(&format!("answered\n{}", long.said()));
    let deep = "[".repeat(100_000);
    let deep = house.anon().send_json("POST", "/v1/query", &deep);
    assert_eq!((deep.status, &deep.json()["code"]), (400, &json!(3)));
}

#[test]
fn what_is_published_here_answers_at_once_and_leaves_as_the_bytes_that_were_published() {
    let house = House::start();
    let ada = published(&house);
    let anon = house.anon();
    let rendered = anon.get("/advisories/A-000001.osv.json");
    let id = rendered.json()["id"].as_str().unwrap().to_owned();
    let affected = json!({"package": {"purl": "pkg:cargo/leftish@1.2.0"}});
    let answer = asked(&anon, "/v1/query", &affected).json();
    assert_eq!(answer, json!({"vulns": [rendered.json()]}));
    let fixed = json!({"package": {"purl": "pkg:cargo/leftish@1.4.2"}});
    assert_eq!(asked(&anon, "/v1/query", &fixed).body, "{}");
    assert_eq!(anon.get(&format!("/v1/vulns/{id}")).body, rendered.body);
    let file = anon.get(&format!("/osv/crates.io/{id}.json"));
    assert_eq!(file.bytes, rendered.bytes);
    let kept = anon.with("if-none-match", file.header("etag").unwrap());
    assert_eq!(kept.get(&format!("/osv/crates.io/{id}.json")).status, 304);
    assert_eq!(anon.get(&format!("/osv/npm/{id}.json")).status, 404);
    let alias = anon.get("/v1/vulns/CVE-2026-10001").json();
    let said = format!("Vulnerability not found, but the following aliases were: {id}");
    assert_eq!(alias, json!({"code": 5, "message": said}));

    let taken_back = ada.post("/advisories/A-000001/withdraw", "reason=it+is+no+flaw");
    assert_eq!(taken_back.status, 303, "{}", taken_back.body);
    wait(house.app.osv.fill(&house.app)).unwrap();
    assert_eq!(asked(&anon, "/v1/query", &affected).body, "{}");
    let withdrawn = anon.get(&format!("/v1/vulns/{id}")).json();
    assert!(withdrawn["withdrawn"].is_string(), "{withdrawn}");
}

#[test]
fn the_exports_are_laid_out_as_osvs_own() {
    let house = House::start();
    let empty = house.anon().get("/osv/modified_id.csv");
    assert_eq!((empty.status, &*empty.body), (200, ""));
    published(&house);
    wait(house.app.osv.fill(&house.app)).unwrap();
    let anon = house.anon();
    expect![[r#"
        GET /osv/ecosystems.txt
          200 (cache-control public, no-cache)
          crates.io
        GET /osv/modified_id.csv
          200 (cache-control public, no-cache)
          2026-11-20T12:00:00Z,crates.io/x_127.0.0.1:8080-A-000001
        GET /osv/crates.io/modified_id.csv
          200 (cache-control public, no-cache)
          2026-11-20T12:00:00Z,x_127.0.0.1:8080-A-000001
        GET /osv/npm/modified_id.csv
          404 (cache-control no-store)
          {"type":"hidden","title":"There is nothing here that you may see","status":404,"instance":"NUMBER"}
        GET /osv/crates.io/nothing.json
          404 (cache-control no-store)
          {"type":"hidden","title":"There is nothing here that you may see","status":404,"instance":"NUMBER"}
    "#]].assert_eq(&anon.play(
        "GET /osv/ecosystems.txt
        GET /osv/modified_id.csv
        GET /osv/crates.io/modified_id.csv
        GET /osv/npm/modified_id.csv
        GET /osv/crates.io/nothing.json",
    ));
    let zip = anon.get("/osv/crates.io/all.zip");
    assert_eq!(zip.bytes, anon.get("/osv/all.zip").bytes);
    assert_eq!(zip.header("content-type"), Some("application/zip"));
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(zip.bytes)).unwrap();
    let mut file = zip.by_index(0).unwrap();
    let name = file.name().unwrap().into_owned();
    let mut held = String::new();
    std::io::Read::read_to_string(&mut file, &mut held).unwrap();
    assert_eq!(held, anon.get("/advisories/A-000001.osv.json").body);
    assert!(name.ends_with("-A-000001.json"), "{name}");
}

#[test]
fn another_mirror_is_served_without_a_pause_and_a_broken_one_never() {
    let (house, folder) = mirroring();
    let file = folder.path().join("mirror.index");
    let status = |id: &str| house.anon().get(&format!("/v1/vulns/{id}")).status;
    assert_eq!((status("PYSEC-2018-66"), status("NEW-1")), (200, 404));
    let new = MIRRORED[1].replace("PYSEC-2018-66", "NEW-1");
    write(&file, &[&new]);
    wait(house.app.osv.fill(&house.app)).unwrap();
    assert_eq!((status("PYSEC-2018-66"), status("NEW-1")), (404, 200));
    for broken in ["", "not an index", &"x".repeat(1 << 16)] {
        let beside = folder.path().join("beside");
        fs::write(&beside, broken).unwrap();
        fs::rename(&beside, &file).unwrap();
        wait(house.app.osv.fill(&house.app)).unwrap();
        assert_eq!(status("NEW-1"), 200, "{broken:.20}");
    }
    fs::remove_file(&file).unwrap();
    wait(house.app.osv.fill(&house.app)).unwrap();
    assert_eq!(status("NEW-1"), 200);
}

#[test]
fn a_house_does_not_start_with_a_mirror_that_cannot_answer() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mirror.index");
    let refusal = || {
        let path = file.display().to_string();
        let args = ["seamarkd", "--advisories", &path];
        let args = <server::args::Args as clap::Parser>::parse_from(args);
        let settings = server::settings::Settings::gather(&args).unwrap();
        let said = server::osv::check(&settings).err().unwrap_or_default();
        said.replace(&path, "FILE") + "\n"
    };
    let mut said = refusal();
    fs::write(&file, "records").unwrap();
    said += &refusal();
    let mut builder = Builder::new("2026-11-19T00:00:00Z".parse().unwrap());
    advisory::read(
        advisory::Format::Osv,
        MIRRORED[0].as_bytes(),
        &mut |record| builder.add("test", record),
        &mut |problem| panic!("{problem:?}"),
    );
    builder.finish(&file).unwrap();
    said += &refusal();
    write(&file, MIRRORED);
    said += &refusal();
    expect![[r#"
        cannot serve the advisories of `FILE`: No such file or directory (os error 2); `seamark index build --originals --from FOLDER --output FILE` makes them
        cannot serve the advisories of `FILE`: file is no advisory index; build one with `seamark index build --from DIR --output FILE`; `seamark index build --originals --from FOLDER --output FILE` makes them
        cannot serve the advisories of `FILE`: it was built without `--originals`; `seamark index build --originals --from FOLDER --output FILE` makes them

    "#]].assert_eq(&said);
}

#[test]
fn what_pip_audit_sends_is_answered_as_it_expects() {
    let (house, _folder) = mirroring();
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/pip-audit");
    let mut files: Vec<PathBuf> = fs::read_dir(recorded)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "http"))
        .collect();
    files.sort();
    let mut said = String::new();
    for file in files {
        let request = fs::read_to_string(file).unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let first: Vec<&str> = lines.next().unwrap().split(' ').collect();
        let mut visitor = house.anon();
        // Host, connection and length are those of this connection.
        let own = ["host", "connection", "content-length"];
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            if !own.contains(&name.to_lowercase().as_str()) {
                visitor = visitor.with(name, value);
            }
        }
        let seen = visitor.send(first[0], first[1], None, body);
        let answer = seen.json();
        // What pip-audit reads: nothing where nothing is known, else a list of records.
        let ids: Vec<&str> = match answer.as_object().unwrap().is_empty() {
            true => Vec::new(),
            false => answer["vulns"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["id"].as_str().unwrap())
                .collect(),
        };
        said += &format!("{body}: {} {ids:?}\n", seen.status);
    }
    expect![[r#"
        {"package": {"name": "django", "ecosystem": "PyPI"}, "version": "2.2.1"}: 200 ["PYSEC-2019-16"]
        {"package": {"name": "flask", "ecosystem": "PyPI"}, "version": "0.12"}: 200 ["PYSEC-2018-66"]
        {"package": {"name": "zstandard", "ecosystem": "PyPI"}, "version": "0.20.0"}: 200 []
    "#]].assert_eq(&said);
}

#[test]
fn pip_audit_itself_finds_what_is_known() {
    let Some(program) = on_path("pip-audit") else {
        return println!("skipped: no pip-audit on this machine");
    };
    let (house, folder) = mirroring();
    let list = folder.path().join("requirements.txt");
    fs::write(&list, "django==2.2.1\nflask==0.12\nzstandard==0.20.0\n").unwrap();
    let url = format!("http://{}/v1/query", house.address);
    #[expect(
        clippy::disallowed_methods,
        reason = "the very client whose words we speak"
    )]
    let output = std::process::Command::new(program)
        .args([
            "--no-deps",
            "--disable-pip",
            "--format",
            "json",
            "--progress-spinner",
            "off",
        ])
        .args(["--vulnerability-service", "osv", "--osv-url", &url])
        .arg("--requirement")
        .arg(&list)
        .arg("--cache-dir")
        .arg(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let told: Value = serde_json::from_str(&said).unwrap_or_else(|error| {
        panic!(
            "{error}: {said} {}",
            String::from_utf8_lossy(&output.stderr)
        )
    });
    let found: Vec<String> = told["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let vulns = one["vulns"].as_array().unwrap().iter();
            let each =
                vulns.map(|vuln| format!(" {} fixed in {}", vuln["id"], vuln["fix_versions"]));
            format!("{}:{}", one["name"], each.collect::<String>())
        })
        .collect();
    expect![[r#"
        "django": "PYSEC-2019-16" fixed in ["2.1.15","2.2.8"]
        "flask": "PYSEC-2018-66" fixed in ["0.12.3"]
        "zstandard":"#]]
    .assert_eq(&found.join("\n"));
    assert_eq!(output.status.code(), Some(1), "something was found");
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test looks for a program that may not be there"
)]
fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}
