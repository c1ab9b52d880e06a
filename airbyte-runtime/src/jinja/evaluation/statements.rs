//! The statements of a template.

use std::sync::Arc;

use minijinja::Value;

use super::{Evaluation, MAX_OUTPUT};
use crate::jinja::limits;
use crate::jinja::objects::{Declared, Loop, Namespace, class, elements, refuse_depth, refuse_excess, refuse_objects};
use crate::jinja::operators::truth;
use crate::jinja::print::push_str;
use crate::jinja::raise::{Raise, Step};
use crate::jinja::syntax::{Argument, Expr, For, Macro, Name, Stmt, Target};

impl Evaluation<'_> {
    /// Runs statements and appends what they print.
    pub(in crate::jinja) fn statements(&mut self, statements: &[Stmt], out: &mut String) -> Step<()> {
        statements.iter().try_for_each(|statement| self.statement(statement, out))
    }

    fn statement(&mut self, statement: &Stmt, out: &mut String) -> Step<()> {
        let printed = out.len();
        match statement {
            Stmt::Raw(text) => out.push_str(text),
            Stmt::Emit(expr) => {
                let value = self.value(expr)?;
                push_str(&value, out);
            }
            Stmt::If { condition, then, otherwise } => {
                let branch = if truth(&self.value(condition)?) { then } else { otherwise };
                self.statements(branch, out)?;
            }
            Stmt::For(each) => self.each(each, out)?,
            Stmt::With { assignments, body } => {
                let values = assignments.iter().map(|(_, value)| self.kept(value)).collect::<Step<Vec<_>>>()?;
                self.within(|run| {
                    for ((target, _), value) in assignments.iter().zip(values) {
                        run.assign(target, value)?;
                    }
                    run.statements(body, out)
                })?;
            }
            Stmt::Set { target, value } => {
                let value = self.kept(value)?;
                self.assign(target, value)?;
            }
            Stmt::SetBlock { target, filter, body } => {
                let value = self.captured(filter.as_ref(), body)?;
                self.assign(target, value)?;
            }
            Stmt::FilterBlock { filter, body } => {
                let value = self.captured(Some(filter), body)?;
                push_str(&value, out);
            }
            Stmt::Block(body) => self.within(|run| run.statements(body, out))?,
            Stmt::Macro(declaration) => {
                let declared = self.declared(declaration);
                self.locals.push((declaration.name.clone(), declared));
            }
            Stmt::CallBlock { callee, arguments, caller } => self.call_block(callee, arguments, caller, out)?,
            Stmt::OtherTemplate => return Err(Raise::type_error("no loader for this environment specified")),
        }
        // What prints cannot fail, so it may have run out of steps as well.
        limits::check()?;
        limits::bytes(out.len().saturating_sub(printed))?;
        match out.len() <= MAX_OUTPUT {
            true => Ok(()),
            false => Err(Raise::other(format!("it prints more than {MAX_OUTPUT} bytes"))),
        }
    }

    /// The value of an expression that later ones can build upon.
    fn kept(&mut self, expr: &Expr) -> Step<Value> {
        let value = self.value(expr)?;
        if !leads_inwards(expr) {
            refuse_depth(&value)?;
        }
        Ok(value)
    }

    /// Runs with a frame of variables of its own.
    fn within<T>(&mut self, run: impl FnOnce(&mut Self) -> Step<T>) -> Step<T> {
        let outer = self.locals.len();
        let result = run(self);
        self.locals.truncate(outer);
        result
    }

    fn assign(&mut self, target: &Target, value: Value) -> Step<()> {
        match target {
            Target::Name(name) => self.locals.push((name.clone(), value)),
            Target::Attribute(name, attribute) => {
                let namespace = self.variable(name).cloned().unwrap_or_default();
                match namespace.downcast_object_ref::<Namespace>() {
                    Some(namespace) => {
                        refuse_excess(&value)?;
                        refuse_objects(&value)?;
                        namespace.set(attribute, value);
                    }
                    None => return Err(Raise::other(format!("{name}.{attribute} can be set only on a namespace"))),
                }
            }
            Target::Tuple(targets) => {
                let values = elements(&value)?;
                if values.len() != targets.len() {
                    let (expected, given) = (targets.len(), values.len());
                    return Err(Raise::other(format!("{given} values are assigned to {expected} names")));
                }
                for (target, value) in targets.iter().zip(values) {
                    self.assign(target, value)?;
                }
            }
        }
        Ok(())
    }

    fn captured(&mut self, filter: Option<&Expr>, body: &[Stmt]) -> Step<Value> {
        let mut text = String::new();
        self.within(|run| run.statements(body, &mut text))?;
        match filter {
            Some(filter) => self.filtered(filter, Value::from(text)),
            None => Ok(Value::from(text)),
        }
    }

    /// Passes a text through a chain of filters whose innermost has no input.
    fn filtered(&mut self, filter: &Expr, text: Value) -> Step<Value> {
        let Expr::Filter { routine, input, arguments, .. } = filter else {
            return Err(Raise::other("a block can only be filtered"));
        };
        let input = match input {
            Some(inner) => self.filtered(inner, text)?,
            None => text,
        };
        self.apply(*routine, input, arguments)
    }

    fn each(&mut self, each: &For, out: &mut String) -> Step<()> {
        let items = self.value(&each.items)?;
        let mut items = elements(&items)?;
        if let Some(filter) = &each.filter {
            let mut kept = Vec::with_capacity(items.len());
            for item in items {
                let keep = self.within(|run| {
                    limits::take(1)?;
                    run.assign(&each.target, item.clone())?;
                    run.value(filter)
                })?;
                if truth(&keep) {
                    kept.push(item);
                }
            }
            items = kept;
        }
        if items.is_empty() {
            return self.within(|run| run.statements(&each.otherwise, out));
        }
        for (index, item) in items.iter().enumerate() {
            let neighbour = |at: Option<usize>| at.and_then(|at| items.get(at)).cloned().unwrap_or_default();
            let turn = Loop {
                index,
                length: items.len(),
                previous: neighbour(index.checked_sub(1)),
                next: neighbour(Some(index + 1)),
            };
            self.within(|run| {
                limits::take(1)?;
                run.locals.push((Name::from("loop"), Value::from_object(turn)));
                run.assign(&each.target, item.clone())?;
                run.statements(&each.body, out)
            })?;
        }
        Ok(())
    }

    fn declared(&self, declaration: &Arc<Macro>) -> Value {
        Value::from_object(Declared { declaration: declaration.clone(), bound: self.locals.clone() })
    }

    fn call_block(&mut self, callee: &Expr, arguments: &[Argument], caller: &Arc<Macro>, out: &mut String) -> Step<()> {
        let value = self.value(callee)?;
        if value.downcast_object_ref::<Declared>().is_none() {
            return Err(Raise::Type(format!("'{}' object takes no `call` block", class(&value))));
        }
        let mut arguments = self.arguments(arguments)?;
        arguments.named.push((Name::from("caller"), self.declared(caller)));
        let printed = self.call(&value, arguments, || super::describe(callee))?;
        push_str(&printed, out);
        Ok(())
    }
}

/// Whether the value is one that was there already, or a part of one.
fn leads_inwards(expr: &Expr) -> bool {
    match expr {
        Expr::Variable(_) | Expr::Constant(_) => true,
        Expr::Attribute(base, _) | Expr::Item(base, _) => leads_inwards(base),
        Expr::Slice(slice) => leads_inwards(&slice.value),
        Expr::And(left, right) | Expr::Or(left, right) => leads_inwards(left) && leads_inwards(right),
        _ => false,
    }
}
