// SPDX-License-Identifier: MIT OR Apache-2.0
//! The program as the hook of real repositories: which index, which objects and which trees a hook
//! has to look at.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const HELPER: &str = "config MMU\n\tbool \"mmu\"\n\nconfig HELPER\n\tbool\n\tdepends on MMU\n\n";
const BAD: &str = "config DRIVER\n\tbool \"driver\"\n\tselect HELPER\n";
const GOOD: &str = "config DRIVER\n\tbool \"driver\"\n\tdepends on MMU\n\tselect HELPER\n";
const STAGED: &str = "#!/bin/sh\nexec kconfig-lint --staged --format short\n";

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Place { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A repository with a tree in `fw` (or at its top, for `.`) and a hook.
    fn repository(&self, tree: &str) -> PathBuf {
        let root = self.path("repository");
        self.run(".", "git init -q -b main repository").ok();
        hook(&root.join(".git/hooks/pre-commit"), STAGED);
        write(&root.join(tree).join("Kconfig"), HELPER);
        write(&root.join("docs/text"), "text\n");
        self.run("repository", "git add -A && git commit -q -m begin")
            .ok();
        root
    }

    fn run(&self, folder: &str, script: &str) -> Ran {
        let binary = Path::new(env!("CARGO_BIN_EXE_kconfig-lint"));
        let folders = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&folders);
        let own = binary.parent().map(Path::to_owned).into_iter();
        let path = std::env::join_paths(own.chain(folders)).expect("a PATH");
        let output = Command::new("sh")
            .current_dir(self.folder.path().join(folder))
            .args(["-ec", script])
            .env("PATH", path)
            .env("HOME", self.folder.path())
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_COUNT", "3")
            .env("GIT_CONFIG_KEY_0", "user.name")
            .env("GIT_CONFIG_VALUE_0", "N")
            .env("GIT_CONFIG_KEY_1", "user.email")
            .env("GIT_CONFIG_VALUE_1", "n@example.org")
            .env("GIT_CONFIG_KEY_2", "protocol.file.allow")
            .env("GIT_CONFIG_VALUE_2", "always")
            .output()
            .expect("sh runs");
        Ran(output)
    }
}

struct Ran(Output);

impl Ran {
    fn text(&self) -> String {
        let both = [self.0.stdout.as_slice(), &self.0.stderr].concat();
        String::from_utf8_lossy(&both).into_owned()
    }

    #[track_caller]
    fn ok(&self) -> String {
        assert!(self.0.status.success(), "{}", self.text());
        self.text()
    }

    /// The finding is told, and stops what was to be done.
    #[track_caller]
    fn is_stopped(&self) -> String {
        assert!(!self.0.status.success(), "it passes: {}", self.text());
        let words = "DRIVER selects HELPER";
        assert!(self.text().contains(words), "{}", self.text());
        self.text()
    }

    /// The run has failed, and says why.
    #[track_caller]
    fn fails(&self, words: &str) {
        assert_eq!(self.0.status.code(), Some(2), "{}", self.text());
        assert!(self.text().contains(words), "{}", self.text());
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder is made");
    fs::write(path, text).expect("a file is written");
}

fn hook(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    write(path, text);
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a mode");
}

/// `git commit -a` and `git commit PATH` commit an index of their own.
#[test]
fn a_hook_judges_the_index_that_is_committed() {
    let place = Place::new();
    let root = place.repository(".");
    write(&root.join("Kconfig"), &format!("{HELPER}{BAD}"));
    for commit in [
        "git commit -q -a -m bad",
        "git commit -q -m bad Kconfig",
        "git commit -q --amend -a --no-edit",
        "cd docs && git commit -q -m bad ../Kconfig",
        "cd docs && git -C .. commit -q -a -m bad",
        "git commit -q -m bad -i Kconfig",
    ] {
        place.run("repository", commit).is_stopped();
    }
    // Only the other file is committed; the bad one stays staged.
    write(&root.join("docs/text"), "more\n");
    place.run("repository", "git add Kconfig").ok();
    let only = "git commit -q -m other docs/text";
    place.run("repository", only).ok();
    place.run("repository", "git commit -q -m bad").is_stopped();
    write(&root.join("Kconfig"), &format!("{HELPER}{GOOD}"));
    place.run("repository", "git commit -q -a -m good").ok();
}

#[test]
fn a_linked_work_tree_and_a_submodule_have_an_index_of_their_own() {
    let place = Place::new();
    place.repository(".");
    place
        .run("repository", "git worktree add -q ../linked")
        .ok();
    let bad = format!("{HELPER}{BAD}");
    write(&place.path("linked/Kconfig"), &bad);
    place.run("linked", "git commit -q -a -m bad").is_stopped();
    // What is wrong there is nothing to this work tree.
    place
        .run("repository", "git commit -q --allow-empty -m empty")
        .ok();

    let add = "git init -q outer && cd outer && git submodule add -q ../repository part";
    place.run(".", add).ok();
    hook(
        &place.path("outer/.git/modules/part/hooks/pre-commit"),
        STAGED,
    );
    write(&place.path("outer/part/Kconfig"), &bad);
    place
        .run("outer/part", "git commit -q -a -m bad")
        .is_stopped();
    place
        .run("outer", "git -C part commit -q -m bad Kconfig")
        .is_stopped();
}

#[test]
fn a_repository_that_only_the_environment_names_is_read() {
    let place = Place::new();
    let root = place.repository(".");
    fs::rename(root.join(".git"), place.path("apart.git")).expect("it is moved");
    write(&root.join("Kconfig"), &format!("{HELPER}{BAD}"));
    let apart = "git --git-dir=../apart.git --work-tree=. commit -q -a -m bad";
    place.run("repository", apart).is_stopped();
}

#[test]
fn a_rebase_asks_about_each_commit() {
    let place = Place::new();
    let root = place.repository(".");
    write(&root.join("Kconfig"), &format!("{HELPER}{BAD}"));
    let two = "git commit -q -a -n -m bad && git commit -q --allow-empty -m more";
    place.run("repository", two).ok();
    let rebase = "git rebase -q --exec 'kconfig-lint --range HEAD^..HEAD' HEAD~2";
    place.run("repository", rebase).is_stopped();
    place.run("repository", "git rebase --abort").ok();
    let linked = "git worktree add -q ../linked && cd ../linked &&";
    place
        .run("repository", &format!("{linked} {rebase}"))
        .is_stopped();
}

#[test]
fn objects_that_a_push_keeps_aside_are_read() {
    let place = Place::new();
    let root = place.repository(".");
    place
        .run(".", "git clone -q --bare repository bare.git")
        .ok();
    let judge = "#!/bin/sh\nread old new name\nexec kconfig-lint";
    for options in ["", " --git-dir ."] {
        let text = format!("{judge}{options} --range $old..$new\n");
        hook(&place.path("bare.git/hooks/pre-receive"), &text);
        write(&root.join("Kconfig"), &format!("{HELPER}{BAD}"));
        place.run("repository", "git commit -q -a -n -m bad").ok();
        let push = "git push -q ../bare.git main";
        place.run("repository", push).is_stopped();
        place.run("repository", "git reset -q --hard HEAD^").ok();
        write(&root.join("docs/text"), options);
        write(&root.join("Kconfig"), &format!("{HELPER}{GOOD}"));
        place.run("repository", "git commit -q -a -m good").ok();
        place.run("repository", push).ok();
        write(&root.join("Kconfig"), HELPER);
        place
            .run(
                "repository",
                "git commit -q -a -m back && git push -q ../bare.git main",
            )
            .ok();
    }
}

#[test]
fn an_environment_that_names_another_place_is_refused() {
    let place = Place::new();
    place.repository(".");
    place
        .run(
            ".",
            "git init -q other && cp repository/.git/index other.index",
        )
        .ok();
    let other = place.path("other/.git").display().to_string();
    let index = place.path("other.index").display().to_string();
    for (variable, value) in [
        ("GIT_DIR", other.as_str()),
        ("GIT_INDEX_FILE", &index),
        ("GIT_INDEX_FILE", "../other.index"),
        ("GIT_OBJECT_DIRECTORY", &other),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", &other),
        ("GIT_WORK_TREE", "../other"),
    ] {
        let script = format!("{variable}={value} kconfig-lint --staged");
        let words = format!("{variable} is {value}, which is not in the repository");
        place.run("repository", &script).fails(&words);
    }
    let missing = "GIT_INDEX_FILE=docs/none kconfig-lint --staged";
    place
        .run("repository", missing)
        .fails("there is no such file");
    let foreign = "GIT_DIR=/nonexistent kconfig-lint --staged";
    place
        .run("repository", foreign)
        .fails("GIT_DIR is /nonexistent");
    // Who looks at no change does not care.
    let plain = format!("GIT_DIR={other} GIT_INDEX_FILE={index} kconfig-lint");
    place.run("repository", &plain).ok();
}

#[test]
fn a_folder_that_is_not_there_is_said_to_be_missing() {
    let place = Place::new();
    place.repository(".");
    for (arguments, words) in [
        (
            "--git-dir /nonexistent",
            "--git-dir: no such folder: /nonexistent",
        ),
        ("--git-dir Kconfig --rev HEAD", "git"),
    ] {
        let script = format!("kconfig-lint {arguments}");
        place.run("repository", &script).fails(words);
    }
    let without = "PATH=${PATH%%:*} && kconfig-lint --staged";
    place
        .run("repository", without)
        .fails("git is not installed");
}

#[test]
fn a_tree_in_a_subfolder_is_found_from_the_top() {
    let place = Place::new();
    let root = place.repository("fw");
    let bad = format!("{HELPER}{BAD}");
    // Code and texts are committed as ever.
    write(&root.join("docs/text"), "more\n");
    let docs = place.run("repository", "git commit -q -a -m docs").ok();
    assert_eq!(docs, "nothing changed in the Kconfig tree fw\n");
    write(&root.join("fw/Kconfig"), &bad);
    let told = place
        .run("repository", "git commit -q -a -m bad")
        .is_stopped();
    assert!(told.starts_with("fw/Kconfig:10:"), "{told}");
    place
        .run("repository", "cd docs && git commit -q -a -m bad")
        .is_stopped();
    place.run("repository", "git commit -q -n -a -m bad").ok();
    for range in [
        "kconfig-lint --range HEAD^..",
        "kconfig-lint --range HEAD^.. fw",
    ] {
        place.run("repository", range).is_stopped();
    }
    // The places that services want are those in the repository, wherever the run starts.
    for (format, part) in [
        ("sarif", "\"uri\": \"fw/Kconfig\""),
        ("github", "::error file=fw/Kconfig,line=10,"),
        ("gitlab", "\"path\": \"fw/Kconfig\""),
        ("checkpatch", "fw/Kconfig:10: ERROR:"),
    ] {
        for run in ["--range HEAD^..", "--range HEAD^.. fw", "fw"] {
            let script = format!("kconfig-lint {run} --format {format}");
            let told = place.run("repository", &script);
            assert_eq!(told.0.status.code(), Some(1), "{}", told.text());
            assert!(told.text().contains(part), "{script}: {}", told.text());
        }
        let inside = format!("cd fw && kconfig-lint --format {format}");
        let told = place.run("repository", &inside);
        assert!(told.text().contains(part), "{inside}: {}", told.text());
    }
    let bare = "git clone -q --bare . ../bare.git && cd / && kconfig-lint --git-dir \"$OLDPWD/../bare.git\"";
    for part in [
        "--range HEAD^..HEAD",
        "--range HEAD^..HEAD fw",
        "fw",
        "--rev HEAD fw",
    ] {
        place
            .run("repository", &format!("rm -rf ../bare.git; {bare} {part}"))
            .is_stopped();
    }
    place
        .run("repository", &format!("rm -rf ../bare.git; {bare}"))
        .fails("no Kconfig tree in HEAD itself, but in fw");
    place
        .run("repository", "kconfig-lint --rev HEAD")
        .fails("no Kconfig tree in HEAD itself, but in fw");
}

#[test]
fn a_mail_names_files_from_the_top_or_from_the_tree() {
    let place = Place::new();
    let root = place.repository("fw");
    write(&root.join("fw/Kconfig"), &format!("{HELPER}{BAD}"));
    write(&root.join("docs/text"), "more\n");
    place.run("repository", "git commit -q -n -a -m bad").ok();
    let mails = "git format-patch -q -1 -o .. --base=HEAD^ && git format-patch -q -1 -o ../inside \
                 --relative=fw && git format-patch -q -1 --stdout >../plain.patch";
    place.run("repository", mails).ok();
    for state in ["git checkout -q HEAD", "git checkout -q HEAD^"] {
        place.run("repository", state).ok();
        for patch in [
            "--patch ../0001-bad.patch",
            "--patch ../plain.patch",
            "--patch ../plain.patch fw",
            "--patch ../inside/0001-bad.patch fw",
            "--patch - <../plain.patch",
        ] {
            let script = format!("kconfig-lint {patch} --format checkpatch");
            let told = place.run("repository", &script).is_stopped();
            // The place is the line of the patch; the file follows.
            let is_place = told.contains(".patch:") || told.contains("<stdin>:");
            assert!(is_place, "{told}");
            assert!(told.contains("(fw/Kconfig:10)"), "{told}");
        }
    }
    let based = "kconfig-lint --patch ../plain.patch --base HEAD fw";
    place.run("repository", based).is_stopped();
    // A mail that says nothing of the tree.
    write(&root.join("docs/text"), "even more\n");
    let docs = "git commit -q -a -m docs && git format-patch -q -1 --stdout >../docs.patch";
    place.run("repository", docs).ok();
    let told = place
        .run("repository", "kconfig-lint --patch ../docs.patch")
        .ok();
    assert_eq!(told, "nothing changed in the Kconfig tree fw\n");
    place
        .run("repository", "kconfig-lint --patch ../docs.patch fw")
        .ok();
    for nothing in ["/dev/null", "docs/text"] {
        place
            .run("repository", &format!("kconfig-lint --patch {nothing}"))
            .fails("no patch is in it");
    }
}

#[test]
fn a_tree_may_come_move_and_go() {
    let place = Place::new();
    let root = place.repository("fw");
    write(&root.join("fw/Kconfig"), &format!("{HELPER}{BAD}"));
    place.run("repository", "git commit -q -n -a -m bad").ok();
    // A tree that moves has no finding that it had not before.
    place
        .run("repository", "git mv fw sw && git commit -q -m move")
        .ok();
    place.run("repository", "kconfig-lint --range HEAD^..").ok();
    let mail = "git format-patch -q -1 --stdout >../move.patch && git checkout -q HEAD^";
    place.run("repository", mail).ok();
    place
        .run("repository", "kconfig-lint --patch ../move.patch")
        .ok();
    place.run("repository", "git checkout -q main").ok();
    // A second one comes, with everything in it.
    write(&root.join("new/Kconfig"), &format!("{HELPER}{BAD}"));
    let come = "git add -A && git commit -q -m new";
    place.run("repository", come).is_stopped();
    place.run("repository", "git commit -q -n -m new").ok();
    let both = "for it in sw new; do echo >>$it/Kconfig; echo 'config ONE_'$it >>$it/Kconfig; \
                printf '\\tbool \"it\"\\n\\tselect HELPER\\n' >>$it/Kconfig; done; git add -A";
    place.run("repository", both).ok();
    let two = place.run("repository", "kconfig-lint --staged --format json");
    assert_eq!(two.0.status.code(), Some(1), "{}", two.text());
    let report: serde_json::Value = serde_json::from_slice(&two.0.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    let files: Vec<_> = findings.iter().map(|it| it["file"].as_str()).collect();
    assert_eq!(files, [Some("new/Kconfig"), Some("sw/Kconfig")]);
    place
        .run("repository", "kconfig-lint --staged --fix")
        .fails("new and sw have changes");
    place.run("repository", "kconfig-lint --staged --fix sw");
    let fixed = fs::read_to_string(root.join("sw/Kconfig")).expect("it is there");
    assert!(fixed.contains("depends on MMU\n\tselect"), "{fixed}");
    place
        .run(
            "repository",
            "git reset -q --hard && git rm -q -r new && git commit -q -m gone",
        )
        .ok();
    place
        .run("repository", "git rm -q -r sw && git commit -q -m gone")
        .ok();
    place.run("repository", "git commit -q --allow-empty -m none");
    place
        .run("repository", "kconfig-lint --staged")
        .fails("no Kconfig tree in .");
}

#[test]
fn a_kconfig_file_of_no_tree_is_not_passed_over() {
    let place = Place::new();
    let root = place.repository("app");
    write(&root.join("boards/one/Kconfig.defconfig"), BAD);
    write(&root.join("docs/Kconfig.rst"), "A text\n");
    place
        .run("repository", "git add -A && kconfig-lint --staged")
        .fails("boards/one/Kconfig.defconfig changed, and belongs to no Kconfig tree");
    // The user says which tree is meant.
    place.run("repository", "kconfig-lint --staged app").ok();
    place
        .run("repository", "git reset -q boards && git commit -q -m text")
        .ok();
}

#[test]
fn files_of_a_submodule_are_read_at_the_commit_that_counts() {
    let place = Place::new();
    let root = place.repository(".");
    let part = "git init -q -b main ../part && cd ../part && printf '' >Kconfig && git add -A && \
                git commit -q -m part";
    place.run("repository", part).ok();
    write(
        &root.join("Kconfig"),
        &format!("{HELPER}source \"part/Kconfig\"\n"),
    );
    let add = "git submodule add -q ../part part && git commit -q -a -m part";
    place.run("repository", add).ok();
    write(&root.join("part/Kconfig"), BAD);
    // What only lies on the disk is not part of the commit.
    place
        .run("repository", "git commit -q --allow-empty -m none")
        .ok();
    let bump = "cd part && git commit -q -a -m bad && cd .. && git commit -q -a -m bump";
    let told = place.run("repository", bump).is_stopped();
    assert!(told.contains("part/Kconfig:3:"), "{told}");
    place.run("repository", "git commit -q -n -a -m bump").ok();
    place
        .run("repository", "kconfig-lint --range HEAD^..")
        .is_stopped();
    place
        .run("repository", "kconfig-lint --range HEAD~2..HEAD^")
        .ok();
}

#[test]
fn a_file_that_is_only_intended_is_not_committed() {
    let place = Place::new();
    let root = place.repository(".");
    write(&root.join("parts/one.x"), "");
    let text = format!("{HELPER}source \"parts/*.x\"\nsource \"later.x\"\n");
    write(&root.join("Kconfig"), &text);
    write(&root.join("later.x"), BAD);
    place
        .run("repository", "git add Kconfig parts && git add -N later.x")
        .ok();
    // The commit lacks the file.
    let commit = place.run("repository", "git commit -q -m early");
    assert!(
        !commit.0.status.success() && commit.text().contains("later.x"),
        "{}",
        commit.text()
    );
    place.run("repository", "git add later.x").ok();
    place.run("repository", "git commit -q -m bad").is_stopped();
}

#[test]
fn what_a_link_leads_to_counts_whatever_its_name() {
    let place = Place::new();
    let root = place.repository(".");
    let link = "printf '' >other && ln -s other middle && ln -s middle Kconfig.part && \
                mkdir one two && printf '' >one/x && ln -s one folder && \
                printf 'source \"Kconfig.part\"\\nsource \"folder/x\"\\n' >>Kconfig && \
                git add -A && git commit -q -m links";
    place.run("repository", link).ok();
    for file in ["other", "one/x"] {
        write(&root.join(file), BAD);
        place
            .run("repository", "git commit -q -a -m bad")
            .is_stopped();
        place.run("repository", "git commit -q -n -a -m bad").ok();
        place
            .run("repository", "kconfig-lint --range HEAD^..")
            .is_stopped();
        let patch = "git format-patch -q -1 --stdout >../a.patch && git reset -q --hard HEAD^ && \
                     kconfig-lint --patch ../a.patch";
        place.run("repository", patch).is_stopped();
    }
    // The links themselves lead elsewhere.
    write(&root.join("bad"), BAD);
    write(&root.join("two/x"), BAD);
    place
        .run("repository", "git add -A && git commit -q -m files")
        .ok();
    for link in ["ln -sfn bad middle", "ln -sfn two folder"] {
        let script = format!("{link} && git commit -q -a -m bad");
        place.run("repository", &script).is_stopped();
        place.run("repository", "git commit -q -n -a -m bad").ok();
        place
            .run("repository", "kconfig-lint --range HEAD^..")
            .is_stopped();
        place.run("repository", "git reset -q --hard HEAD^").ok();
    }
}

#[test]
fn a_sparse_work_tree_changes_nothing() {
    let place = Place::new();
    let root = place.repository("fw");
    write(&root.join("fw/deep/Kconfig"), "");
    let text = format!("{HELPER}source \"deep/Kconfig\"\n");
    write(&root.join("fw/Kconfig"), &text);
    let sparse = "git add -A && git commit -q -m deep && \
                  git sparse-checkout set --cone --sparse-index fw";
    place.run("repository", sparse).ok();
    write(&root.join("fw/deep/Kconfig"), BAD);
    place
        .run("repository", "git commit -q -a -m bad")
        .is_stopped();
    place.run("repository", "git commit -q -n -a -m bad").ok();
    place
        .run(
            "repository",
            "git sparse-checkout set --cone --sparse-index docs",
        )
        .ok();
    assert!(!root.join("fw").exists());
    place
        .run("repository", "kconfig-lint --range HEAD^..")
        .is_stopped();
    write(&root.join("docs/text"), "more\n");
    let docs = place.run("repository", "git commit -q -a -m docs").ok();
    assert_eq!(docs, "nothing changed in the Kconfig tree fw\n");
}
