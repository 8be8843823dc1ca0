"""The table of opcodes: a name to a function that makes of an instruction what a block runs, run(block, on).

Where an instruction is not one of flow, the block goes on to the next by itself.
"""

from .operands import predicate_register, register
from .sass import Unknown

FLOW = ("BRA", "BSYNC", "BREAK", "EXIT", "CALL", "RET")
# What only waits, or has been done when the instruction before it ended.
IGNORED = (
    "NOP",
    "DEPBAR",
    "LDGDEPBAR",
    "ACQBULK",
    "PREEXIT",
    "WARPSYNC",
    "YIELD",
    "BAR",
    "MEMBAR",
    "ERRBAR",
    "CCTL",
    "CGAERRBAR",
    "ENDCOLLECTIVE",
)
OPCODES = {}


def opcode(*names):
    def enter(f):
        for name in names:
            OPCODES[name] = f
        return f

    return enter


def compile_instruction(i):
    i.flow = i.op in FLOW
    if i.guard:
        i.guard_at = predicate_register(i.guard[0])
    if i.op in IGNORED:
        i.run = lambda b, on: None
    elif i.op in OPCODES:
        i.run = OPCODES[i.op](i)
    else:
        raise Unknown(i.text)


def result(d, f):
    """The usual instruction: one register."""
    d = register(d)
    return lambda b, on: b.set(d, f(b), on)


def result64(d, f):
    d = register(d)
    return lambda b, on: b.set64(d, f(b), on)


from . import opcodes_float, opcodes_flow, opcodes_integer, opcodes_matrix, opcodes_memory  # noqa: E402,F401
