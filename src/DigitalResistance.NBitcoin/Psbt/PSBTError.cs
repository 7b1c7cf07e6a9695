namespace NBitcoin;

/// <summary>Something wrong with an input of a PSBT.</summary>
public class PSBTError(uint inputIndex, string errorMessage)
{
    /// <summary>The input, from 0.</summary>
    public uint InputIndex { get; } = inputIndex;

    /// <summary>What is wrong.</summary>
    public string Message { get; } = errorMessage;

    /// <inheritdoc/>
    public override string ToString() => $"Input {InputIndex}: {Message}";
}

/// <summary>A PSBT that cannot do what was asked.</summary>
public class PSBTException(IEnumerable<PSBTError> errors) : InvalidOperationException(string.Join(Environment.NewLine, errors))
{
    /// <summary>Why, by input.</summary>
    public IReadOnlyList<PSBTError> Errors { get; } = errors.ToList();
}
