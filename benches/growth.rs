// SPDX-License-Identifier: MIT OR Apache-2.0
//! How processor time and memory of a whole run grow with the size of one construct.
//!
//! Each row makes trees of doubling size, runs the program on them as a user does, and stops when
//! a run takes long enough to be measured well. The last column is the exponent of the last doubling:
//! 1 is linear, 2 is quadratic. Arguments choose rows: `cargo bench --bench growth -- range`.
//! `KCONFIG_LINT_PROGRAM` names another build to compare with.

use std::fmt::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

/// The first size of each row, in repetitions of its construct.
const FIRST: usize = 125;

/// A row has its exponent when a run takes this many seconds.
const ENOUGH: f64 = 2.0;

/// A run is stopped after this many seconds.
const MOST: f64 = 20.0;

/// A run is stopped when its peak memory exceeds this number of MB.
const MOST_MEMORY: f64 = 3000.0;

const LARGEST: usize = 64_000;

const FORMATS: [&str; 7] = [
    "short",
    "human",
    "json",
    "sarif",
    "github",
    "gitlab",
    "checkpatch",
];

type Files = Vec<(String, String)>;

/// A construct: its name, its formats, and the tree with so many of it.
type Row = (&'static str, &'static [&'static str], fn(usize) -> Files);

const SHORT: &[&str] = &["short"];
const THREE: &[&str] = &["short", "human", "json"];

const ROWS: [Row; 26] = [
    ("selectors of one helper", THREE, |n| {
        helper(&each(n, |at| symbol(&format!("S{at}"), "\tselect T\n")))
    }),
    ("independent findings", &FORMATS, |n| {
        helper(&each(n, |at| pair(at, "")))
    }),
    ("findings in many files", THREE, files),
    ("suppressed findings", THREE, |n| {
        let allow = "\t# kconfig-lint: allow(unmet-dependency) reason\n";
        helper(&each(n, |at| pair(at, allow)))
    }),
    ("select chain, prompts", THREE, |n| chain(n, " \"a\"")),
    ("select chain, no prompts", THREE, |n| chain(n, "")),
    ("choice members that select", THREE, |n| {
        let members = each(n, |at| symbol(&format!("C{at}"), "\tselect T\n"));
        helper(&format!("choice\n\tprompt \"c\"\n{members}endchoice\n"))
    }),
    ("definitions of one symbol", THREE, |n| {
        helper(&each(n, |at| {
            let own = format!("\tdepends on X{at}\n\tdefault y if X{at}\n\tselect T\n");
            symbol("D", &own) + &symbol(&format!("X{at}"), "")
        }))
    }),
    ("targets of one selector", THREE, |n| {
        let targets = each(n, |at| format!("config T{at}\n\tbool\n\tdepends on MMU\n"));
        let selects = each(n, |at| format!("\tselect T{at}\n"));
        helper(&(targets + &symbol("S", &selects)))
    }),
    ("conditions of one select", THREE, |n| {
        let selects = each(n, |at| format!("\tselect T if S{at}\n"));
        helper(&(symbols(n) + &symbol("S", &selects)))
    }),
    ("menus", THREE, |n| {
        helper(&each(n, |at| {
            let inner = symbol(&format!("X{at}"), "\tselect T\n");
            let below = symbol(&format!("S{at}"), "");
            format!("menu \"m\"\n\tdepends on S{at}\n{inner}endmenu\n{below}")
        }))
    }),
    ("depends-on chain of selectors", THREE, |n| {
        helper(&each(n, |at| {
            let below = match at {
                0 => String::new(),
                _ => format!("\tdepends on S{}\n", at - 1),
            };
            symbol(&format!("S{at}"), &(below + "\tselect T\n"))
        }))
    }),
    ("ranges of one int", SHORT, |n| {
        let ranges = each(n, |at| format!("\trange {at} {} if S{at}\n", at + 10));
        helper(&(number("I", &ranges) + &symbols(n) + &asks("I = 7")))
    }),
    ("ranges bounded by each other", SHORT, |n| {
        let ints = each(n, |at| {
            let bound = format!("\trange I{} 1000000\n", at.max(1) - 1);
            number(&format!("I{at}"), if at == 0 { "" } else { &bound })
        });
        helper(&(ints + &asks(&format!("I{} < I0", n - 1))))
    }),
    ("comparisons among ints", SHORT, |n| {
        helper(&(each(n, |at| number(&format!("I{at}"), "")) + &circle(n)))
    }),
    ("comparisons among strings", SHORT, |n| {
        let text = |at| format!("config I{at}\n\tstring \"i\"\n");
        helper(&(each(n, text) + &circle(n)))
    }),
    ("literals of one int", SHORT, |n| {
        helper(&(number("I", "") + &each(n, |at| user(at, &format!("I > {at}")))))
    }),
    ("literals of one string", SHORT, |n| {
        let all = each(n, |at| user(at, &format!("I = \"t{at}\"")));
        helper(&("config I\n\tstring \"i\"\n".to_owned() + &all))
    }),
    ("literals of one string, ordered", SHORT, |n| {
        let all = each(n, |at| user(at, &format!("I > \"t{at}\"")));
        helper(&("config I\n\tstring \"i\"\n".to_owned() + &all))
    }),
    ("defaults of one int", SHORT, |n| {
        let defaults = each(n, |at| format!("\tdefault {at} if S{at}\n"));
        let int = format!("config I\n\tint\n{defaults}");
        helper(&(int + &symbols(n) + &asks("I = 7")))
    }),
    ("defaults of one string", SHORT, |n| {
        let defaults = each(n, |at| format!("\tdefault \"t{at}\" if S{at}\n"));
        let text = format!("config I\n\tstring\n{defaults}");
        helper(&(text + &symbols(n) + &asks("I = \"t7\"")))
    }),
    ("prompts and defaults of one int", SHORT, |n| {
        let defaults = each(n, |at| format!("\tdefault {at} if S{at}\n"));
        helper(&(number("I", &defaults) + &symbols(n) + &asks("I < 7")))
    }),
    ("OR terms, safe selectors", SHORT, |n| {
        or_terms(n, |at| format!("\tdepends on A{at}\n"))
    }),
    ("OR terms, findings", THREE, |n| {
        let root = (n as f64).sqrt() as usize;
        or_terms(root, |_| String::new())
    }),
    ("OR terms of the selectors", THREE, |n| {
        let root = (n as f64).sqrt() as usize;
        let terms: Vec<String> = (0..root).map(|at| format!("S{at}")).collect();
        let own = format!("\tdepends on {}\n\tselect T\n", terms.join(" || "));
        helper(&(symbols(root) + &each(root, |at| symbol(&format!("Q{at}"), &own))))
    }),
    ("safe by one common term", SHORT, |n| {
        let own = "\tdepends on HAS\n\tselect T\n";
        let all = each(n, |at| symbol(&format!("S{at}"), own));
        helper(&("config HAS\n\tdef_bool MMU\n".to_owned() + &all))
    }),
];

fn each(n: usize, text: impl FnMut(usize) -> String) -> String {
    (0..n).map(text).collect()
}

fn symbol(name: &str, own: &str) -> String {
    format!("config {name}\n\tbool \"s\"\n{own}")
}

fn symbols(n: usize) -> String {
    each(n, |at| symbol(&format!("S{at}"), ""))
}

fn number(name: &str, own: &str) -> String {
    format!("config {name}\n\tint \"i\"\n{own}")
}

/// A symbol that selects the helper under a condition.
fn user(at: usize, condition: &str) -> String {
    let own = format!("\tdepends on {condition}\n\tselect T\n");
    symbol(&format!("Q{at}"), &own)
}

fn asks(condition: &str) -> String {
    user(0, condition)
}

/// A tree of one file, with a helper T.
fn helper(rest: &str) -> Files {
    let head = "config MMU\n\tbool \"MMU\"\nconfig T\n\tbool\n\tdepends on MMU\n";
    vec![("Kconfig".to_owned(), format!("{head}{rest}"))]
}

/// A finding that shares nothing with another.
fn pair(at: usize, comment: &str) -> String {
    format!(
        "config D{at}\n\tbool \"d\"\nconfig H{at}\n\tbool\n\tdepends on D{at}\n\
         config S{at}\n\tbool \"s\"\n\tdepends on D{at} || MMU\n{comment}\tselect H{at}\n"
    )
}

fn files(n: usize) -> Files {
    let mut files = helper(&each(n, |at| {
        format!("source \"d{}/Kconfig.{at}\"\n", at % 100)
    }));
    files.extend((0..n).map(|at| (format!("d{}/Kconfig.{at}", at % 100), pair(at, ""))));
    files
}

fn chain(n: usize, prompt: &str) -> Files {
    let links = each(n, |at| {
        let prompt = if at == 0 { " \"a\"" } else { prompt };
        format!("config A{at}\n\tbool{prompt}\n\tselect A{}\n", at + 1)
    });
    helper(&format!("{links}config A{n}\n\tbool{prompt}\n\tselect T\n"))
}

/// I0 <= I1 <= … < I0, which nothing satisfies.
fn circle(n: usize) -> String {
    let mut all = String::new();
    for at in 1..n {
        let _ = write!(all, "I{} <= I{at} && ", at - 1);
    }
    asks(&format!("{all}I{} < I0", n - 1))
}

/// A helper that depends on one of many symbols, and as many selectors of it.
fn or_terms(n: usize, own: fn(usize) -> String) -> Files {
    let terms: Vec<String> = (0..n).map(|at| format!("A{at}")).collect();
    let all = each(n, |at| symbol(&format!("A{at}"), ""));
    let target = format!("config U\n\tbool\n\tdepends on {}\n", terms.join(" || "));
    let selectors = each(n, |at| {
        symbol(&format!("S{at}"), &(own(at) + "\tselect U\n"))
    });
    helper(&(all + &target + &selectors))
}

/// What a run took.
struct Took {
    seconds: f64,
    megabytes: f64,
    stopped: bool,
}

fn main() {
    let wanted: Vec<String> = env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let program = env::var("KCONFIG_LINT_PROGRAM");
    let program = program.unwrap_or_else(|_| env!("CARGO_BIN_EXE_kconfig-lint").to_owned());
    println!("| construct | format | size | seconds | MB | n^ time | n^ memory |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for (name, formats, make) in ROWS {
        let chosen = wanted.is_empty() || wanted.iter().any(|word| name.contains(&**word));
        for format in formats.iter().filter(|_| chosen) {
            row(&program, name, format, make);
        }
    }
}

/// Doubles until there is enough to see.
fn row(program: &str, name: &str, format: &str, make: fn(usize) -> Files) {
    let mut before: Option<Took> = None;
    let mut size = FIRST;
    loop {
        let folder = tempfile::tempdir().expect("a temporary folder");
        write(folder.path(), &make(size));
        let took = run(program, format, folder.path());
        let last = took.seconds > ENOUGH || took.stopped || size >= LARGEST;
        if last {
            let exponent = |now: f64, before: f64| format!("{:.2}", (now / before).log2());
            let (time, memory) = before.map_or_else(Default::default, |before| {
                (
                    exponent(took.seconds, before.seconds),
                    exponent(took.megabytes, before.megabytes),
                )
            });
            let stopped = if took.stopped { "> " } else { "" };
            println!(
                "| {name} | {format} | {size} | {stopped}{:.2} | {:.0} | {time} | {memory} |",
                took.seconds, took.megabytes
            );
            return;
        }
        before = Some(took);
        size *= 2;
    }
}

fn write(root: &Path, files: &Files) {
    for (name, text) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder is made");
        fs::write(path, text).expect("a file is written");
    }
}

fn run(program: &str, format: &str, root: &Path) -> Took {
    let before = reaped_seconds();
    let mut child = Command::new(program)
        .args(["check", "-j", "1", "--format", format])
        .arg(root)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut megabytes = 0.0;
    let mut stopped = false;
    while child.try_wait().expect("it can be waited for").is_none() {
        let (seconds, peak) = so_far(&child);
        megabytes = peak.max(megabytes);
        if seconds > MOST || megabytes > MOST_MEMORY {
            stopped = true;
            let _ = child.kill();
        }
        thread::sleep(Duration::from_millis(2));
    }
    Took {
        seconds: reaped_seconds() - before,
        megabytes,
        stopped,
    }
}

/// Processor time and peak memory of a process that runs.
fn so_far(child: &Child) -> (f64, f64) {
    let file = |name: &str| {
        let path = format!("/proc/{}/{name}", child.id());
        fs::read_to_string(path).unwrap_or_default()
    };
    let status = file("status");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|words| words.split_whitespace().next()?.parse::<f64>().ok());
    (ticks(&file("stat"), 13), peak.unwrap_or(0.0) / 1024.0)
}

/// Processor time of all children that have been waited for.
fn reaped_seconds() -> f64 {
    ticks(
        &fs::read_to_string("/proc/self/stat").unwrap_or_default(),
        15,
    )
}

/// User and system time from this field of `/proc/…/stat`, as proc(5) counts them from 0.
fn ticks(stat: &str, at: usize) -> f64 {
    let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let fields = fields.split_whitespace().skip(at - 2).take(2);
    let ticks: f64 = fields.filter_map(|word| word.parse::<f64>().ok()).sum();
    ticks / 100.0 // USER_HZ, which Linux promises to programs
}
