//! From minijinja's syntax tree to the owned one.

use std::sync::Arc;

use airbyte_manifest::template::{blanked, limit};
use minijinja::machinery::ast;
use minijinja::syntax::SyntaxConfig;

use super::syntax::{Argument, Arithmetic, Choose, Comparison, Expr, For, Macro, Name, Slice, Stmt, Target};
use super::{filters, predicates};

/// Longer templates are refused, as their syntax tree could not be walked safely.
const MAX_LENGTH: usize = 64 * 1024;
/// How deep expressions may stand inside each other.
const MAX_DEPTH: usize = 200;

type Lowered<T> = Result<T, String>;

/// Parses a template; the error says what is wrong with it.
pub(super) fn parse(source: &str) -> Lowered<Vec<Stmt>> {
    if source.len() > MAX_LENGTH {
        return Err(format!("it is longer than {MAX_LENGTH} bytes; text without markers may be longer"));
    }
    limit(source).map_err(|long| long.to_string())?;
    let source = blanked(source);
    let tree = minijinja::machinery::parse(&source, "template", SyntaxConfig::default()).map_err(|error| {
        let what = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        match error.line() {
            Some(line) if source.contains('\n') => format!("{what} in line {line}"),
            _ => what,
        }
    })?;
    match tree {
        ast::Stmt::Template(template) => Lowering { depth: 0 }.body(&template.children),
        _ => Err("it is no template".to_owned()),
    }
}

struct Lowering {
    depth: usize,
}

impl Lowering {
    fn body(&mut self, statements: &[ast::Stmt<'_>]) -> Lowered<Vec<Stmt>> {
        statements.iter().map(|statement| self.nested(|lowering| lowering.statement(statement))).collect()
    }

    fn nested<T>(&mut self, lower: impl FnOnce(&mut Self) -> Lowered<T>) -> Lowered<T> {
        if self.depth >= MAX_DEPTH {
            return Err(format!("its expressions stand more than {MAX_DEPTH} deep inside each other"));
        }
        self.depth += 1;
        let lowered = lower(self);
        self.depth -= 1;
        lowered
    }

    fn statement(&mut self, statement: &ast::Stmt<'_>) -> Lowered<Stmt> {
        Ok(match statement {
            ast::Stmt::Template(template) => Stmt::Block(self.body(&template.children)?),
            ast::Stmt::EmitRaw(raw) => Stmt::Raw(raw.raw.to_owned()),
            ast::Stmt::EmitExpr(emit) => Stmt::Emit(self.expr(&emit.expr)?),
            ast::Stmt::IfCond(choice) => Stmt::If {
                condition: self.expr(&choice.expr)?,
                then: self.body(&choice.true_body)?,
                otherwise: self.body(&choice.false_body)?,
            },
            ast::Stmt::ForLoop(each) if each.recursive => return Err("recursive loops are not supported".to_owned()),
            ast::Stmt::ForLoop(each) => Stmt::For(Box::new(For {
                target: self.target(&each.target)?,
                items: self.expr(&each.iter)?,
                filter: self.optional(each.filter_expr.as_ref())?,
                body: self.body(&each.body)?,
                otherwise: self.body(&each.else_body)?,
            })),
            ast::Stmt::WithBlock(with) => Stmt::With {
                assignments: with
                    .assignments
                    .iter()
                    .map(|(target, value)| Ok((self.target(target)?, self.expr(value)?)))
                    .collect::<Lowered<_>>()?,
                body: self.body(&with.body)?,
            },
            ast::Stmt::Set(set) => Stmt::Set { target: self.target(&set.target)?, value: self.expr(&set.expr)? },
            ast::Stmt::SetBlock(set) => Stmt::SetBlock {
                target: self.target(&set.target)?,
                filter: self.optional(set.filter.as_ref())?,
                body: self.body(&set.body)?,
            },
            ast::Stmt::FilterBlock(block) => {
                Stmt::FilterBlock { filter: self.expr(&block.filter)?, body: self.body(&block.body)? }
            }
            ast::Stmt::Block(block) => Stmt::Block(self.body(&block.body)?),
            ast::Stmt::Macro(declaration) => Stmt::Macro(self.macro_declaration(declaration)?),
            ast::Stmt::CallBlock(block) => Stmt::CallBlock {
                callee: self.expr(&block.call.expr)?,
                arguments: self.arguments(&block.call.args)?,
                caller: self.macro_declaration(&block.macro_decl)?,
            },
            ast::Stmt::AutoEscape(escape) if is_false(&escape.enabled) => Stmt::Block(self.body(&escape.body)?),
            ast::Stmt::AutoEscape(_) => return Err("escaping for HTML is not supported".to_owned()),
            ast::Stmt::Do(_) => return Err("`do` is no statement of Jinja without extensions".to_owned()),
            ast::Stmt::Import(_) | ast::Stmt::FromImport(_) | ast::Stmt::Extends(_) | ast::Stmt::Include(_) => {
                Stmt::OtherTemplate
            }
        })
    }

    fn macro_declaration(&mut self, declaration: &ast::Macro<'_>) -> Lowered<Arc<Macro>> {
        let required = declaration.args.len().saturating_sub(declaration.defaults.len());
        let mut parameters = Vec::with_capacity(declaration.args.len());
        for (at, parameter) in declaration.args.iter().enumerate() {
            let Target::Name(name) = self.target(parameter)? else {
                return Err("the parameters of a macro are names".to_owned());
            };
            let default = at.checked_sub(required).and_then(|at| declaration.defaults.get(at));
            parameters.push((name, self.optional(default)?));
        }
        Ok(Arc::new(Macro { name: declaration.name.into(), parameters, body: self.body(&declaration.body)? }))
    }

    fn target(&mut self, target: &ast::Expr<'_>) -> Lowered<Target> {
        let items = match target {
            ast::Expr::Var(variable) => return Ok(Target::Name(variable.id.into())),
            ast::Expr::GetAttr(attribute) => match &attribute.expr {
                ast::Expr::Var(variable) => {
                    return Ok(Target::Attribute(variable.id.into(), attribute.name.into()));
                }
                _ => return Err("only attributes of namespaces can be set".to_owned()),
            },
            ast::Expr::List(list) => &list.items,
            ast::Expr::Tuple(tuple) => &tuple.items,
            _ => return Err("that cannot be assigned to".to_owned()),
        };
        Ok(Target::Tuple(
            items.iter().map(|item| self.nested(|lowering| lowering.target(item))).collect::<Lowered<_>>()?,
        ))
    }

    fn expr(&mut self, expr: &ast::Expr<'_>) -> Lowered<Expr> {
        self.nested(|lowering| lowering.expr_inside(expr))
    }

    fn boxed(&mut self, expr: &ast::Expr<'_>) -> Lowered<Box<Expr>> {
        self.expr(expr).map(Box::new)
    }

    fn optional(&mut self, expr: Option<&ast::Expr<'_>>) -> Lowered<Option<Expr>> {
        expr.map(|expr| self.expr(expr)).transpose()
    }

    fn exprs(&mut self, exprs: &[ast::Expr<'_>]) -> Lowered<Vec<Expr>> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    fn expr_inside(&mut self, expr: &ast::Expr<'_>) -> Lowered<Expr> {
        Ok(match expr {
            ast::Expr::Var(variable) => Expr::Variable(variable.id.into()),
            ast::Expr::Const(constant) => Expr::Constant(constant.value.clone()),
            ast::Expr::List(list) => Expr::List(self.exprs(&list.items)?),
            ast::Expr::Tuple(tuple) => Expr::Tuple(self.exprs(&tuple.items)?),
            ast::Expr::Map(map) => {
                let pairs = map.keys.iter().zip(&map.values);
                Expr::Map(pairs.map(|(key, value)| Ok((self.expr(key)?, self.expr(value)?))).collect::<Lowered<_>>()?)
            }
            ast::Expr::GetAttr(attribute) => Expr::Attribute(self.boxed(&attribute.expr)?, attribute.name.into()),
            ast::Expr::GetItem(item) => Expr::Item(self.boxed(&item.expr)?, self.boxed(&item.subscript_expr)?),
            ast::Expr::Slice(slice) => Expr::Slice(Box::new(Slice {
                value: self.expr(&slice.expr)?,
                bounds: [
                    self.optional(slice.start.as_ref())?,
                    self.optional(slice.stop.as_ref())?,
                    self.optional(slice.step.as_ref())?,
                ],
            })),
            ast::Expr::Call(call) => Expr::Call(self.boxed(&call.expr)?, self.arguments(&call.args)?),
            ast::Expr::Filter(filter) => Expr::Filter {
                routine: filters::find(filter.name).ok_or_else(|| format!("there is no filter `{}`", filter.name))?,
                name: filter.name.into(),
                input: self.optional(filter.expr.as_ref())?.map(Box::new),
                arguments: self.arguments(&filter.args)?,
            },
            ast::Expr::Test(test) => Expr::Test {
                routine: predicates::find(test.name).ok_or_else(|| format!("there is no test `{}`", test.name))?,
                input: self.boxed(&test.expr)?,
                arguments: self.arguments(&test.args)?,
            },
            ast::Expr::UnaryOp(unary) => match unary.op {
                ast::UnaryOpKind::Not => Expr::Not(self.boxed(&unary.expr)?),
                ast::UnaryOpKind::Neg => Expr::Negative(self.boxed(&unary.expr)?),
            },
            ast::Expr::BinOp(binary) => self.binary(binary)?,
            ast::Expr::Compare(chain) => Expr::Compare(
                self.boxed(&chain.expr)?,
                chain.ops.iter().map(|op| Ok((comparison(op.op), self.expr(&op.expr)?))).collect::<Lowered<_>>()?,
            ),
            ast::Expr::IfExpr(choice) => Expr::Choose(Box::new(Choose {
                condition: self.expr(&choice.test_expr)?,
                then: self.expr(&choice.true_expr)?,
                otherwise: self.optional(choice.false_expr.as_ref())?,
            })),
        })
    }

    fn binary(&mut self, binary: &ast::BinOp<'_>) -> Lowered<Expr> {
        let (left, right) = (self.boxed(&binary.left)?, self.boxed(&binary.right)?);
        let compare = |comparison, left, right: Box<Expr>| Expr::Compare(left, vec![(comparison, *right)]);
        Ok(match binary.op {
            ast::BinOpKind::Eq => compare(Comparison::Equal, left, right),
            ast::BinOpKind::Ne => compare(Comparison::NotEqual, left, right),
            ast::BinOpKind::Lt => compare(Comparison::Less, left, right),
            ast::BinOpKind::Lte => compare(Comparison::LessOrEqual, left, right),
            ast::BinOpKind::Gt => compare(Comparison::Greater, left, right),
            ast::BinOpKind::Gte => compare(Comparison::GreaterOrEqual, left, right),
            ast::BinOpKind::In => compare(Comparison::In, left, right),
            ast::BinOpKind::ScAnd => Expr::And(left, right),
            ast::BinOpKind::ScOr => Expr::Or(left, right),
            ast::BinOpKind::Add => Expr::Binary(Arithmetic::Add, left, right),
            ast::BinOpKind::Sub => Expr::Binary(Arithmetic::Subtract, left, right),
            ast::BinOpKind::Mul => Expr::Binary(Arithmetic::Multiply, left, right),
            ast::BinOpKind::Div => Expr::Binary(Arithmetic::Divide, left, right),
            ast::BinOpKind::FloorDiv => Expr::Binary(Arithmetic::FloorDivide, left, right),
            ast::BinOpKind::Rem => Expr::Binary(Arithmetic::Remainder, left, right),
            ast::BinOpKind::Pow => Expr::Binary(Arithmetic::Power, left, right),
            ast::BinOpKind::Concat => Expr::Binary(Arithmetic::Concatenate, left, right),
        })
    }

    fn arguments(&mut self, arguments: &[ast::CallArg<'_>]) -> Lowered<Vec<Argument>> {
        arguments
            .iter()
            .map(|argument| {
                Ok(match argument {
                    ast::CallArg::Pos(value) => Argument::Positional(self.expr(value)?),
                    ast::CallArg::Kwarg(name, value) => Argument::Named(Name::from(*name), self.expr(value)?),
                    ast::CallArg::PosSplat(values) => Argument::Spread(self.expr(values)?),
                    ast::CallArg::KwargSplat(values) => Argument::NamedSpread(self.expr(values)?),
                })
            })
            .collect()
    }
}

fn is_false(expr: &ast::Expr<'_>) -> bool {
    matches!(expr, ast::Expr::Const(constant) if !constant.value.is_true())
}

fn comparison(op: ast::CompareOpKind) -> Comparison {
    match op {
        ast::CompareOpKind::Eq => Comparison::Equal,
        ast::CompareOpKind::Ne => Comparison::NotEqual,
        ast::CompareOpKind::Lt => Comparison::Less,
        ast::CompareOpKind::Lte => Comparison::LessOrEqual,
        ast::CompareOpKind::Gt => Comparison::Greater,
        ast::CompareOpKind::Gte => Comparison::GreaterOrEqual,
        ast::CompareOpKind::In => Comparison::In,
        ast::CompareOpKind::NotIn => Comparison::NotIn,
    }
}
