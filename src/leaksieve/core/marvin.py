"""The Marvin32 hash, which Azure uses as the checksum of its keys."""

_WORD = 0xFFFFFFFF


def _rotated(word: int, by: int) -> int:
    return (word << by | word >> (32 - by)) & _WORD


def marvin64(data: bytes, seed: int) -> int:
    """Hash `data` to 64 bits.

    Source: https://github.com/dotnet/runtime/blob/main/src/libraries/System.Private.CoreLib/src/System/Marvin.cs
    """
    low, high = seed & _WORD, seed >> 32
    padded = data + b"\x80" + bytes(-(len(data) + 1) % 4)
    for word in [padded[at : at + 4] for at in range(0, len(padded), 4)] + [b""]:
        low = low + int.from_bytes(word, "little") & _WORD
        high ^= low
        low = _rotated(low, 20) + high & _WORD
        high = _rotated(high, 9) ^ low
        low = _rotated(low, 27) + high & _WORD
        high = _rotated(high, 19)
    return high << 32 | low


def marvin32(data: bytes, seed: bytes) -> int:
    """Hash `data` to 32 bits; `seed` is eight bytes of text, read as a number with its first byte highest."""
    whole = marvin64(data, int.from_bytes(seed, "big"))
    return whole >> 32 ^ whole & _WORD
