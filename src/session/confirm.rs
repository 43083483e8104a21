// SPDX-License-Identifier: MIT OR Apache-2.0
//! Witnesses once more, from their names and texts alone: the tree is read again with their
//! answers in place of commands, and the evaluator computes what conf would write. Then the
//! tree's own conf, if it is wanted, says whether it agrees.
//!
//! This finds nothing and explains nothing; it makes files of witnesses, and judges them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::conf::{Conf, Configured};
use super::{Options, Outcome, analysis, warning};
use crate::diagnostic::{Confirmation, Data, Diagnostic, Witness};
use crate::logic::{Evaluator, Inputs, dot_config, fragment, user_values};
use crate::menu::{Loader, Toolchain};
use crate::model::{Model, Tristate};
use crate::tree::{Architecture, Project};

/// A witness as texts that conf reads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// The user's values alone, for KCONFIG_ALLCONFIG.
    pub fragment: String,
    /// The whole configuration that follows from them, as conf writes it.
    pub config: String,
    /// The answers that the witness needs, by command.
    pub needed: BTreeMap<String, String>,
    /// The variables of the environment that the witness needs; one with an empty value has to
    /// be unset.
    pub variables: BTreeMap<String, String>,
    /// What every command prints in it.
    pub answers: BTreeMap<String, String>,
    /// The environment in which conf reads the tree.
    pub environment: BTreeMap<String, String>,
}

/// The configuration of a witness.
struct Replayed<'r> {
    model: &'r Model,
    inputs: Inputs,
    answers: BTreeMap<String, String>,
    environment: BTreeMap<String, String>,
}

/// Writes witnesses of one run. It keeps the last model, because witnesses of one architecture
/// often have the same answers.
pub struct Rewriter<'o> {
    project: Project,
    loader: Loader,
    options: &'o Options,
    last: Option<(String, BTreeMap<String, String>, Model)>,
}

impl<'o> Rewriter<'o> {
    /// For the witnesses of this outcome, which these options brought.
    pub fn new(outcome: &Outcome, options: &'o Options) -> Rewriter<'o> {
        let loader = Loader::new(outcome.files.clone());
        loader.prefetch(&outcome.project);
        Rewriter {
            project: outcome.project.clone(),
            loader,
            options,
            last: None,
        }
    }

    /// A finding's witness; `None` when the finding has none.
    ///
    /// # Errors
    /// When the witness shows nothing once its answers are in the place of commands: a failure
    /// of this program.
    pub fn write(&mut self, finding: &Diagnostic) -> Result<Option<Written>, String> {
        let prefix = self.project.prefix.clone();
        let (Some(witness), Some(replayed)) = (&finding.witness, self.replay(finding)?) else {
            return Ok(None);
        };
        let Replayed { model, inputs, .. } = &replayed;
        Ok(Some(Written {
            fragment: fragment(model, &prefix, &witness.config),
            config: dot_config(model, &prefix, inputs),
            needed: witness.toolchain.clone(),
            variables: witness.environment.clone(),
            answers: replayed.answers,
            environment: replayed.environment,
        }))
    }

    /// The configuration of a finding's witness, in a model of its own.
    fn replay(&mut self, finding: &Diagnostic) -> Result<Option<Replayed<'_>>, String> {
        let Some(witness) = &finding.witness else {
            return Ok(None);
        };
        let all = self.options.architectures.iter();
        let architecture = all
            .clone()
            .find(|known| known.name == witness.architecture)
            .cloned()
            .ok_or("its architecture was not analysed")?;
        let mut answers = self.options.toolchain.answers.clone();
        answers.extend(witness.answers.clone());
        let model = self.model(&architecture, &answers)?;
        let inputs = Inputs {
            user: user_values(model, &witness.config).collect(),
            ..Inputs::default()
        };
        if !is_shown(model, &inputs, &finding.data) {
            return Err("its witness does not replay from its texts".to_owned());
        }
        Ok(Some(Replayed {
            model,
            inputs,
            answers,
            environment: architecture.environment,
        }))
    }

    /// conf's own warning about a finding in its witness, computed without conf; `None` when it
    /// has no witness, or conf has nothing to say.
    ///
    /// # Errors
    /// As [`Rewriter::write`].
    pub fn warning(&mut self, finding: &Diagnostic) -> Result<Option<String>, String> {
        let Data::Unmet { selectee, .. } = &finding.data else {
            return Ok(None);
        };
        let Some(replayed) = self.replay(finding)? else {
            return Ok(None);
        };
        let Replayed { model, inputs, .. } = replayed;
        let target = model.symbol_named(selectee);
        Ok(target.map(|target| warning::warning(model, &inputs, target)))
    }

    fn model(
        &mut self,
        architecture: &Architecture,
        answers: &BTreeMap<String, String>,
    ) -> Result<&Model, String> {
        let known = self
            .last
            .take()
            .filter(|(name, last, _)| *name == architecture.name && last == answers);
        let (_, _, model) = match known {
            Some(known) => self.last.insert(known),
            None => {
                let toolchain = Toolchain {
                    answers: answers.clone(),
                };
                let menu =
                    analysis::elaborated(&self.loader, &self.project, architecture, &toolchain)
                        .map_err(|error| error.to_string())?;
                let model = Model::new(Arc::new(menu), self.project.behaviour);
                if !model.cycles().is_empty() {
                    return Err("with the answers of its witness the tree has a cycle".to_owned());
                }
                let name = architecture.name.clone();
                self.last.insert((name, answers.clone(), model))
            }
        };
        Ok(model)
    }
}

/// Whether a configuration has what the finding says, as far as a pair can tell: some select of
/// it is unmet, or at least active.
fn is_shown(model: &Model, inputs: &Inputs, data: &Data) -> bool {
    let (selector, selectee, level) = match data {
        Data::Unmet {
            selector,
            selectee,
            level,
            ..
        } => (selector, selectee, Some(*level)),
        Data::Policy {
            selector, selectee, ..
        } => (selector, selectee, None),
        Data::None | Data::Cycle { .. } => return true,
    };
    let Some(target) = model.symbol_named(selectee) else {
        return false;
    };
    let mut evaluator = Evaluator::new(model, inputs);
    let direct = evaluator.direct(target);
    model.symbol(target).selected_by.iter().any(|select| {
        model.name(model.select(*select).selector) == *selector && {
            let strength = evaluator.level(*select);
            match level {
                Some("off") => strength > Tristate::No && direct == Tristate::No,
                Some(_) => strength == Tristate::Yes && direct == Tristate::Module,
                None => strength > Tristate::No,
            }
        }
    })
}

/// Asks conf about a finding whose witness was written.
pub fn confirm(
    conf: &Conf,
    root_file: &str,
    finding: &Diagnostic,
    written: &Written,
) -> Confirmation {
    if !matches!(finding.data, Data::Unmet { .. }) {
        let why = "conf knows dependencies, not what else a project requires";
        return Confirmation::NotAsked(why.to_owned());
    }
    let said = conf.all_default(
        root_file,
        &written.environment,
        &written.answers,
        &written.fragment,
    );
    match said {
        Err(error) => Confirmation::NotConfirmed(error.to_string()),
        Ok(said) => judge(&said, &finding.data),
    }
}

fn judge(said: &Configured, data: &Data) -> Confirmation {
    let Data::Unmet {
        selector,
        selectee,
        level,
        ..
    } = data
    else {
        return Confirmation::NotConfirmed("it is no unmet dependency".to_owned());
    };
    let about = said.unmet.iter().filter(|one| one.symbol == *selectee);
    let about: Vec<_> = about.collect();
    if about.is_empty() {
        return Confirmation::NotConfirmed(format!(
            "the tree's own program says nothing about {selectee}"
        ));
    }
    let same = about.iter().any(|complaint| {
        let by = |strength: char| {
            let pair = (selector.clone(), strength);
            complaint.selectors.contains(&pair)
        };
        match *level {
            "off" => complaint.direct == 'n' && (by('y') || by('m')),
            _ => complaint.direct == 'm' && by('y'),
        }
    });
    if same {
        Confirmation::Confirmed
    } else {
        Confirmation::NotConfirmed(format!(
            "the tree's own program warns about {selectee}, but not because of {selector}"
        ))
    }
}

/// The name of a witness's architecture, as an ending of a sentence.
pub fn on(witness: Option<&Witness>) -> String {
    match witness {
        Some(witness) if !witness.architecture.is_empty() => {
            format!(" on {}", witness.architecture)
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::conf::Complaint;
    use super::*;

    fn data(level: &'static str) -> Data {
        Data::Unmet {
            selector: "A".to_owned(),
            selectee: "B".to_owned(),
            condition: None,
            missing: Vec::new(),
            level,
        }
    }

    fn said(direct: char, selectors: &[(&str, char)]) -> Configured {
        let selectors = selectors.iter().map(|(name, by)| ((*name).to_owned(), *by));
        Configured {
            unmet: vec![Complaint {
                symbol: "B".to_owned(),
                text: String::new(),
                direct,
                selectors: selectors.collect(),
            }],
            config: String::new(),
        }
    }

    #[test]
    fn conf_has_to_name_the_pair_and_the_kind() {
        let confirmed =
            |said: &Configured, level| judge(said, &data(level)) == Confirmation::Confirmed;
        assert!(confirmed(&said('n', &[("C", 'y'), ("A", 'm')]), "off"));
        assert!(confirmed(&said('m', &[("A", 'y')]), "module"));
        assert!(!confirmed(&said('m', &[("A", 'm')]), "module"));
        assert!(!confirmed(&said('m', &[("A", 'y')]), "off"));
        assert!(!confirmed(&said('n', &[("C", 'y')]), "off"));
        let silent = Configured {
            unmet: Vec::new(),
            config: String::new(),
        };
        assert!(!confirmed(&silent, "off"));
    }
}
