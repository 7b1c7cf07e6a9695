using System.Buffers.Binary;
using NBitcoin.DataEncoders;

namespace NBitcoin;

/// <summary>One step of a script: a word, or data that is pushed.</summary>
public class Op
{
    private static readonly Dictionary<string, OpcodeType> ByName = NamesOfWords();

    internal Op()
    {
    }

    /// <summary>The word, or how the data is pushed.</summary>
    public OpcodeType Code { get; init; }

    /// <summary>The data that is pushed; null for a word that pushes nothing.</summary>
    public byte[]? PushData { get; init; }

    /// <summary>True when the script ends inside the data.</summary>
    public bool IsInvalid { get; private init; }

    /// <summary>True for the numbers 0 to 16 as one byte.</summary>
    public bool IsSmallUInt => Code is OpcodeType.OP_0 or >= OpcodeType.OP_1 and <= OpcodeType.OP_16;

    /// <summary>Pushes data in the shortest way.</summary>
    public static Op GetPushOp(byte[] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var code = data switch
        {
            [] => OpcodeType.OP_0,
            [>= 1 and <= 16] => OpcodeType.OP_1 - 1 + data[0],
            [0x81] => OpcodeType.OP_1NEGATE,
            { Length: <= 75 } => (OpcodeType)data.Length,
            { Length: <= 0xff } => OpcodeType.OP_PUSHDATA1,
            { Length: <= 0xffff } => OpcodeType.OP_PUSHDATA2,
            _ => OpcodeType.OP_PUSHDATA4,
        };
        return new Op { Code = code, PushData = data };
    }

    /// <summary>Pushes a number in the shortest way.</summary>
    public static Op GetPushOp(long value)
    {
        if (value == 0) return GetPushOp([]);
        var bytes = new List<byte>();
        for (var rest = (ulong)Math.Abs(value); rest > 0; rest >>= 8) bytes.Add((byte)rest);
        if ((bytes[^1] & 0x80) != 0) bytes.Add(0);
        if (value < 0) bytes[^1] |= 0x80;
        return GetPushOp(bytes.ToArray());
    }

    /// <summary>The pushed number, if it is one.</summary>
    public long? GetLong()
    {
        if (PushData is null || PushData.Length > 8) return null;
        if (PushData.Length == 0) return 0;
        long number = 0;
        for (var i = 0; i < PushData.Length; i++) number |= (long)PushData[i] << (8 * i);
        var sign = 0x80L << (8 * (PushData.Length - 1));
        return (number & sign) == 0 ? number : -(number & ~sign);
    }

    /// <summary>The pushed number, if it is one.</summary>
    public int? GetInt() => GetLong() is { } number ? (int)Math.Clamp(number, int.MinValue, int.MaxValue) : null;

    /// <summary>As it stands in a script.</summary>
    public byte[] ToBytes()
    {
        if (PushData is null || Code is OpcodeType.OP_0 or OpcodeType.OP_1NEGATE or >= OpcodeType.OP_1 and <= OpcodeType.OP_16) return [(byte)Code];
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, PushData.Length);
        var digits = Code switch { OpcodeType.OP_PUSHDATA1 => 1, OpcodeType.OP_PUSHDATA2 => 2, OpcodeType.OP_PUSHDATA4 => 4, _ => 0 };
        return [(byte)Code, .. length[..digits], .. PushData];
    }

    /// <summary>The word's name, or the data in hexadecimal digits.</summary>
    public override string ToString()
    {
        if (PushData is null) return Enum.IsDefined(Code) ? NameOf(Code) : $"OP_UNKNOWN(0x{(byte)Code:x2})";
        var hex = Encoders.Hex.EncodeData(PushData);
        return hex.Length == 0 ? "0" : hex.Length == 2 && hex[0] == '0' ? hex[1..] : hex;
    }

    /// <summary>A word; those that push a number push it.</summary>
    public static implicit operator Op(OpcodeType codeType) => codeType switch
    {
        OpcodeType.OP_0 => GetPushOp([]),
        OpcodeType.OP_1NEGATE => GetPushOp([0x81]),
        >= OpcodeType.OP_1 and <= OpcodeType.OP_16 => GetPushOp([(byte)(codeType - OpcodeType.OP_1 + 1)]),
        < OpcodeType.OP_1NEGATE => throw new InvalidOperationException("Push OP without any data provided detected, Op.PushData instead"),
        _ => new Op { Code = codeType },
    };

    internal static Op FromWord(string word)
    {
        if (ByName.TryGetValue(word, out var code)) return code;
        if (word.StartsWith("OP_UNKNOWN(0x", StringComparison.Ordinal) && word.Length == 16)
            return new Op { Code = (OpcodeType)Encoders.Hex.DecodeData(word[13..15])[0] };
        if (word.StartsWith("OP_", StringComparison.Ordinal)) throw new FormatException("A word of the script is not known.");
        return word == "0" ? GetPushOp([]) : GetPushOp(Encoders.Hex.DecodeData(word.Length == 1 ? "0" + word : word));
    }

    /// <summary>Reads one step; a script that ends inside its data gives what is there, marked invalid.</summary>
    internal static Op Read(ReadOnlySpan<byte> script, out int length)
    {
        var code = (OpcodeType)script[0];
        var digits = code switch { OpcodeType.OP_PUSHDATA1 => 1, OpcodeType.OP_PUSHDATA2 => 2, OpcodeType.OP_PUSHDATA4 => 4, _ => 0 };
        if (code > OpcodeType.OP_PUSHDATA4 || code == OpcodeType.OP_0)
        {
            length = 1;
            return code is OpcodeType.OP_0 or OpcodeType.OP_1NEGATE or >= OpcodeType.OP_1 and <= OpcodeType.OP_16 ? code : new Op { Code = code };
        }

        if (script.Length < 1 + digits)
        {
            length = script.Length;
            return new Op { Code = code, PushData = [], IsInvalid = true };
        }

        Span<byte> number = stackalloc byte[4];
        script.Slice(1, digits).CopyTo(number);
        var announced = digits == 0 ? (uint)code : BinaryPrimitives.ReadUInt32LittleEndian(number);
        var rest = script[(1 + digits)..];
        var whole = announced <= rest.Length;
        length = whole ? 1 + digits + (int)announced : script.Length;
        return new Op { Code = code, PushData = (whole ? rest[..(int)announced] : rest).ToArray(), IsInvalid = !whole };
    }

    private static string NameOf(OpcodeType code) => code switch
    {
        OpcodeType.OP_CHECKLOCKTIMEVERIFY => "OP_CLTV",
        OpcodeType.OP_CHECKSEQUENCEVERIFY => "OP_CSV",
        _ => Enum.GetName(code)!,
    };

    private static Dictionary<string, OpcodeType> NamesOfWords()
    {
        var names = Enum.GetNames<OpcodeType>().Where(n => !n.StartsWith("OP_PUSHDATA", StringComparison.Ordinal)).ToDictionary(n => n, Enum.Parse<OpcodeType>);
        names["OP_CLTV"] = OpcodeType.OP_CHECKLOCKTIMEVERIFY;
        names["OP_CSV"] = OpcodeType.OP_CHECKSEQUENCEVERIFY;
        return names;
    }
}
