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
from numba import njit, types
from numba.extending import intrinsic

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


def _adding(_context: Any, _rows: Any, _steps: Any, _sums: Any) -> Any:
    """Add to 32 sums the steps of 32 packed bytes; all are addresses, and sums stop at 255."""
    signature = types.void(types.uintp, types.uintp, types.uintp)

    def emit(_compiler: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        rows, steps, sums = arguments
        kind = ir.FunctionType(_VECTOR, [_VECTOR, _VECTOR])
        shuffle = builder.module.declare_intrinsic("llvm.x86.avx2.pshuf.b", (), kind)
        add = builder.module.declare_intrinsic("llvm.uadd.sat.v32i8", (), kind)
        packed, total = _load(builder, rows, _VECTOR), _load(builder, sums, _VECTOR)
        low = builder.and_(packed, ir.Constant(_VECTOR, [15] * _LANES))
        high = builder.lshr(packed, ir.Constant(_VECTOR, [4] * _LANES))
        for halves, distance in ((low, 0), (high, 16)):
            table = _load(builder, builder.add(steps, ir.Constant(_LONG, distance)), _TABLE)
            wide = builder.shuffle_vector(table, table, _TWICE)
            total = builder.call(add, [total, builder.call(shuffle, [wide, halves])])
        builder.store(total, builder.inttoptr(sums, _VECTOR.as_pointer()), align=1)

    return signature, emit


def _comparing(_context: Any, _sums: Any, _limit: Any) -> Any:
    """Give 32 bits, set where the sum at an address is at most the limit."""
    signature = types.uint32(types.uintp, types.uint8)

    def emit(_compiler: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        sums, limit = arguments
        first = builder.insert_element(_ANY, limit, ir.Constant(_INT, 0))
        limits = builder.shuffle_vector(first, _ANY, _ALL_FIRST)
        return builder.bitcast(builder.icmp_unsigned("<=", _load(builder, sums, _VECTOR), limits), _INT)

    return signature, emit


_add_32: Any = intrinsic(_adding)
_within_32: Any = intrinsic(_comparing)


@njit(nogil=True, cache=True)
def add_shuffled(packed: Any, at: Any, steps: Any, plane: Any, sums: Any, to: Any) -> None:
    rows, table, total = packed.ctypes.data + at, steps.ctypes.data + 32 * plane, sums.ctypes.data + to
    _add_32(np.uintp(rows), np.uintp(table), np.uintp(total))
    _add_32(np.uintp(rows + _LANES), np.uintp(table), np.uintp(total + _LANES))


@njit(nogil=True, cache=True)
def within_shuffled(sums: Any, limit: Any) -> Any:
    low = np.uint64(_within_32(np.uintp(sums.ctypes.data), limit))
    high = np.uint64(_within_32(np.uintp(sums.ctypes.data + _LANES), limit))
    return low | high << np.uint64(_LANES)


@njit(nogil=True, cache=True)
def add_plainly(packed: Any, at: Any, steps: Any, plane: Any, sums: Any, to: Any) -> None:
    for lane in range(BLOCK):
        byte = packed[at + lane]
        more = np.int64(steps[32 * plane + (byte & 15)]) + np.int64(steps[32 * plane + 16 + (byte >> 4)])
        sums[to + lane] = min(np.int64(sums[to + lane]) + more, 255)


@njit(nogil=True, cache=True)
def within_plainly(sums: Any, limit: Any) -> Any:
    bits = np.uint64(0)
    for lane in range(BLOCK):
        if sums[lane] <= limit:
            bits |= np.uint64(1) << np.uint64(lane)
    return bits


# Add to 64 sums (from `to`) the steps that one plane's pair of tables gives for 64 packed bytes (from `at`).
add_steps = add_shuffled if CAN_SHUFFLE else add_plainly
# Give 64 bits, set where one of the first 64 sums is at most the limit.
within = within_shuffled if CAN_SHUFFLE else within_plainly
