"""Looking up 32 half bytes in one instruction, for processors that can (x86-64 with AVX2).

A table of sixteen bytes fits in a register, and `pshufb` looks all bytes of another register up in it. The method is known
from nearest-neighbour search over quantised vectors: André, Kermarrec, Le Scouarnec, "Cache locality is not enough:
high-performance nearest neighbor search with product quantization fast scan", VLDB 9(4), 2015.

numba has no name for the instruction, so it is spelled out for LLVM here. On other processors the same is done one row at
a time.
"""

from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba import njit
from numba import types as numba_types
from numba.extending import intrinsic

types: Any = numba_types  # has types for some of its own and not for others

BLOCK = 64
_LANES = 32
_BYTE, _INT, _LONG = ir.IntType(8), ir.IntType(32), ir.IntType(64)
_VECTOR, _TABLE = ir.VectorType(_BYTE, _LANES), ir.VectorType(_BYTE, 16)
_ANY = ir.Constant(_VECTOR, ir.Undefined)
_TWICE = ir.Constant(ir.VectorType(_INT, _LANES), [*range(16), *range(16)])
_ALL_FIRST = ir.Constant(ir.VectorType(_INT, _LANES), [0] * _LANES)

CAN_SHUFFLE = bool(binding.get_host_cpu_features().get("avx2", False))


def _load(builder: Any, address: Any, kind: Any) -> Any:
    return builder.load(builder.inttoptr(address, kind.as_pointer()), align=1, typ=kind)


def _at(builder: Any, address: Any, distance: int) -> Any:
    return builder.add(address, ir.Constant(_LONG, distance))


def _adding(_context: Any, _rows: Any, _steps: Any, _planes: Any, _span: Any, _sums: Any) -> Any:
    """Add to 64 sums the steps of several planes of a block; the sums stay in registers meanwhile.

    Its arguments are addresses: of the block, of all steps, of the list of planes, and of the sums; but for the span, from
    where to where in the list to go.
    """
    span = types.UniTuple(types.intp, 2)
    signature = types.void(types.intp, types.intp, types.intp, span, types.intp)

    def emit(_compiler: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        rows, steps, planes, span, sums = arguments
        first, last = (builder.extract_value(span, place) for place in range(2))
        places = [_at(builder, sums, distance) for distance in (0, _LANES)]
        before = [_load(builder, place, _VECTOR) for place in places]
        entry, loop, done = builder.block, *map(builder.append_basic_block, ("plane", "done"))
        builder.cbranch(builder.icmp_signed("<", first, last), loop, done)
        builder.position_at_end(loop)
        at, *totals = builder.phi(_LONG), builder.phi(_VECTOR), builder.phi(_VECTOR)
        plane = _load(builder, builder.add(planes, builder.shl(at, ir.Constant(_LONG, 3))), _LONG)
        tables = _tables(builder, builder.add(steps, builder.shl(plane, ir.Constant(_LONG, 5))))
        block = builder.add(rows, builder.shl(plane, ir.Constant(_LONG, 6)))
        after = [
            _added(builder, tables, _load(builder, _at(builder, block, distance), _VECTOR), total)
            for distance, total in zip((0, _LANES), totals, strict=True)
        ]
        following = builder.add(at, ir.Constant(_LONG, 1))
        for variable, start, again in zip([at, *totals], [first, *before], [following, *after], strict=True):
            variable.add_incoming(start, entry)
            variable.add_incoming(again, loop)
        builder.cbranch(builder.icmp_signed("<", following, last), loop, done)
        builder.position_at_end(done)
        ends = [builder.phi(_VECTOR) for _ in places]
        for total, start, again in zip(ends, before, after, strict=True):
            total.add_incoming(start, entry)
            total.add_incoming(again, loop)
        for place, total in zip(places, ends, strict=True):
            builder.store(total, builder.inttoptr(place, _VECTOR.as_pointer()), align=1)

    return signature, emit


def _tables(builder: Any, address: Any) -> list[Any]:
    """Load the table of the low halves and that of the high ones, each twice in a register."""
    tables = [_load(builder, _at(builder, address, distance), _TABLE) for distance in (0, 16)]
    return [builder.shuffle_vector(table, table, _TWICE) for table in tables]


def _added(builder: Any, tables: list[Any], packed: Any, total: Any) -> Any:
    """Add what 32 packed bytes stand for, stopping at 255."""
    kind = ir.FunctionType(_VECTOR, [_VECTOR, _VECTOR])
    shuffle = builder.module.declare_intrinsic("llvm.x86.avx2.pshuf.b", (), kind)
    add = builder.module.declare_intrinsic("llvm.uadd.sat.v32i8", (), kind)
    low = builder.and_(packed, ir.Constant(_VECTOR, [15] * _LANES))
    high = builder.lshr(packed, ir.Constant(_VECTOR, [4] * _LANES))
    for table, halves in zip(tables, (low, high), strict=True):
        total = builder.call(add, [total, builder.call(shuffle, [table, halves])])
    return total


def _splat(builder: Any, byte: Any) -> Any:
    return builder.shuffle_vector(builder.insert_element(_ANY, byte, ir.Constant(_INT, 0)), _ANY, _ALL_FIRST)


def _filling(_context: Any, _sums: Any, _value: Any) -> Any:
    """Set 64 sums, at an address, to one value."""
    signature = types.void(types.intp, types.uint8)

    def emit(_compiler: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        sums, value = arguments
        for distance in (0, _LANES):
            place = builder.inttoptr(_at(builder, sums, distance), _VECTOR.as_pointer())
            builder.store(_splat(builder, value), place, align=1)

    return signature, emit


def _comparing(_context: Any, _sums: Any, _limit: Any) -> Any:
    """Give 64 bits, set where the sum at an address is at most the limit."""
    signature = types.uint64(types.intp, types.uint8)

    def emit(_compiler: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        sums, limit = arguments
        limits = _splat(builder, limit)
        low, high = (
            builder.zext(
                builder.bitcast(
                    builder.icmp_unsigned(
                        "<=", _load(builder, _at(builder, sums, distance), _VECTOR), limits
                    ),
                    _INT,
                ),
                _LONG,
            )
            for distance in (0, _LANES)
        )
        return builder.or_(low, builder.shl(high, ir.Constant(_LONG, _LANES)))

    return signature, emit


_add_64: Any = intrinsic(_adding)
_fill_64: Any = intrinsic(_filling)
_within_64: Any = intrinsic(_comparing)


@njit(nogil=True, cache=True)
def add_shuffled(packed: Any, at: Any, steps: Any, planes: Any, span: Any, sums: Any) -> None:
    _add_64(packed.ctypes.data + at, steps.ctypes.data, planes.ctypes.data, span, sums.ctypes.data)


@njit(nogil=True, cache=True)
def fill_shuffled(sums: Any, value: Any) -> None:
    _fill_64(sums.ctypes.data, value)


@njit(nogil=True, cache=True)
def within_shuffled(sums: Any, limit: Any) -> Any:
    return _within_64(sums.ctypes.data, limit)


@njit(nogil=True, cache=True)
def add_plainly(packed: Any, at: Any, steps: Any, planes: Any, span: Any, sums: Any) -> None:
    for place in range(span[0], span[1]):
        table, start = 32 * planes[place], at + BLOCK * planes[place]
        for lane in range(BLOCK):
            byte = packed[start + lane]
            more = np.int64(steps[table + (byte & 15)]) + np.int64(steps[table + 16 + (byte >> 4)])
            sums[lane] = min(np.int64(sums[lane]) + more, 255)


@njit(nogil=True, cache=True)
def fill_plainly(sums: Any, value: Any) -> None:
    sums[:] = value


@njit(nogil=True, cache=True)
def within_plainly(sums: Any, limit: Any) -> Any:
    bits = np.uint64(0)
    for lane in range(BLOCK):
        if sums[lane] <= limit:
            bits |= np.uint64(1) << np.uint64(lane)
    return bits


# Add to 64 sums the steps of a block of packed bytes (from `at`) in some planes of a list (those of the span).
add_planes = add_shuffled if CAN_SHUFFLE else add_plainly
# Set 64 sums to one value.
fill = fill_shuffled if CAN_SHUFFLE else fill_plainly
# Give 64 bits, set where a sum is at most the limit.
within = within_shuffled if CAN_SHUFFLE else within_plainly
