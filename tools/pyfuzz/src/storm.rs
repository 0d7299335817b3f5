//! Storms: hundreds of plain calls that the board makes from a table of bytes, without compiling a line.
//!
//! The tables of functions, names and values are on the board from the start. A storm that brings the board down is
//! written as statements, which do the same, and made small as such.

use crate::grammar::SLOTS;
use crate::grammar::makers::{ATOMS, HOSTILE, MAKERS, NUMBERS, TEXTS};
use crate::names::Names;
use crate::node::Node;
use fastrand::Rng;

/// Functions of modules come first, names of objects from here on.
const NAMES_FROM: usize = 1024;
/// A result is dropped.
const DROPPED: u8 = 15;

/// The values that are handed over, as Python makes them. There are fewer than 256.
pub fn values() -> Vec<String> {
    let slots = (0..SLOTS).map(|slot| format!("v[{slot}]"));
    let fixed = [NUMBERS, TEXTS, ATOMS, HOSTILE].concat();
    let makers = MAKERS.iter().map(|(maker, _)| *maker);
    slots
        .chain(fixed.into_iter().chain(makers).map(str::to_owned))
        .collect()
}

/// Python that makes the tables and the function that runs a storm.
pub fn source(names: &Names) -> String {
    let mut source = String::from("F_ = []\nA_ = []\n");
    for name in names.functions() {
        source += &format!("F_.append({})\n", name.path);
    }
    source += &format!("M_ = {:?}.split()\n", names.attributes.join(" "));
    for value in values() {
        source += &format!("A_.append(lambda: {value})\n");
    }
    source + RUNNER
}

const RUNNER: &str = "\
def d_(f, a):
 try: return d_(f, a)
 except RuntimeError: return f(*a)
def s_(n):
 i = 8
 c = 0
 while i < n:
  c += 1; P_[0] = c & 255; P_[1] = c >> 8
  f = P_[i] | P_[i + 1] << 8; k = P_[i + 2]; t = P_[i + 3]
  b = P_[i + 4:i + 4 + k]
  i += 4 + k
  try:
   a = [A_[x]() for x in b]
   f = F_[f] if f < 1024 else getattr(a.pop(0), M_[f - 1024])
   m = t >> 4
   t &= 15
   if m == 0: r = f(*a)
   elif m == 1: r = d_(f, a)
   elif m == 2: r = locked(lambda: f(*a))
   elif m == 3: r = noirq(lambda: f(*a))
   elif m == 4: r = fin(lambda: f(*a))
   else: r = sched(lambda: f(*a))
   if t < 12: v[t] = r
  except Exception: pass
  except KeyboardInterrupt: print('\\x05')
";

const CIRCUMSTANCES: [&str; 6] = [
    "$",
    "deep(lambda: $)",
    "locked(lambda: $)",
    "noirq(lambda: $)",
    "fin(lambda: $)",
    "sched(lambda: $)",
];

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    function: usize,
    arguments: Vec<u8>,
    slot: u8,
    circumstance: u8,
}

/// Draws a storm.
pub fn draw(names: &Names, seed: u64, calls: usize) -> Vec<Call> {
    let mut rng = Rng::with_seed(seed);
    let functions = names.functions().count();
    let values = values().len();
    let mut call = || {
        let method = rng.u8(..100) < 55;
        let function = if method {
            NAMES_FROM + rng.usize(..names.attributes.len().max(1))
        } else {
            rng.usize(..functions.max(1))
        };
        let count = [0, 1, 1, 1, 2, 2, 2, 3, 3, 4][rng.usize(..10)] + usize::from(method);
        // An object whose names are known is taken more often, or most calls would be of a name that it lacks.
        let mut arguments: Vec<u8> = (0..count).map(|_| if rng.u8(..3) == 0 { rng.usize(..SLOTS) } else { rng.usize(..values) } as u8).collect();
        if method && let Some(own) = names.owner(function - NAMES_FROM, &mut rng) {
            arguments[0] = (values - MAKERS.len() + own) as u8;
        }
        let slot = if rng.u8(..4) == 0 {
            rng.u8(..SLOTS as u8)
        } else {
            DROPPED
        };
        let circumstance = match rng.u16(..400) {
            0 => 1,
            n @ 1..=12 => 2 + (n % 4) as u8,
            _ => 0,
        };
        Call {
            function,
            arguments,
            slot,
            circumstance,
        }
    };
    (0..calls).map(|_| call()).collect()
}

/// As the board reads them.
pub fn bytes(calls: &[Call]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for call in calls {
        bytes.extend((call.function as u16).to_le_bytes());
        bytes.extend([call.arguments.len() as u8, call.slot | call.circumstance << 4]);
        bytes.extend(&call.arguments);
    }
    bytes
}

/// As statements.
pub fn statements(names: &Names, calls: &[Call]) -> Vec<Node> {
    let (functions, values): (Vec<_>, _) = (names.functions().collect(), values());
    let value = |number: &u8| Node::leaf(values[usize::from(*number)].clone());
    let statement = |call: &Call| {
        let holes = |n: usize| vec!["$"; n].join(", ");
        let children: Vec<Node> = call.arguments.iter().map(value).collect();
        let text = match call.function.checked_sub(NAMES_FROM) {
            Some(name) => format!("($).{}({})", names.attributes[name], holes(children.len() - 1)),
            None => format!("{}({})", functions[call.function].path, holes(children.len())),
        };
        let plain = Node::of(text, children);
        let around = CIRCUMSTANCES[usize::from(call.circumstance)];
        if call.slot == DROPPED {
            Node::of(around, vec![plain])
        } else {
            Node::of(format!("v[{}] = {around}", call.slot), vec![plain])
        }
    };
    calls.iter().map(statement).collect()
}
