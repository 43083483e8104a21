// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a theory knows of its model before anybody asks: bounds of all values, and the domains of texts.

use std::sync::Arc;

use super::bounds::Bounds;
use super::domain::Domains;
use crate::model::{Expr, Model};

/// What is known of a model before anything is asked; all threads that ask share it.
#[derive(Clone)]
pub struct Basis {
    pub(super) model: Arc<Model>,
    pub(super) bounds: Arc<Bounds>,
    pub(super) domains: Arc<Domains>,
}

impl Basis {
    /// What is known of this model. It must have no cycle.
    pub fn new(model: Arc<Model>) -> Basis {
        Basis {
            bounds: Arc::new(Bounds::new(&model)),
            domains: Arc::new(Domains::new(&model)),
            model,
        }
    }

    /// What is known of a model that was made of this one ([`Model::rewritten`]), in which these symbols
    /// can have other values.
    pub fn rewritten(&self, model: Arc<Model>, is_stale: &[bool]) -> Basis {
        // New texts may meet in what is compared.
        let compares = |expr| matches!(expr, Expr::Compare(..) | Expr::Prints(..));
        let known = self.model.exprs.len();
        let domains = match model.exprs.iter().skip(known).any(|(_, it)| compares(it)) {
            true => Arc::new(Domains::new(&model)),
            false => self.domains.clone(),
        };
        Basis {
            bounds: Arc::new(self.bounds.rewritten(&model, is_stale)),
            domains,
            model,
        }
    }

    /// The model.
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// Bounds of all values.
    pub fn bounds(&self) -> &Bounds {
        &self.bounds
    }
}
