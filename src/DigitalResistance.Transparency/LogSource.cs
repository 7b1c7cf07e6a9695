namespace DigitalResistance.Transparency;

/// <summary>Where the files of a log are read from: a folder, or a web server that an outsider asks.</summary>
public interface ILogSource
{
    /// <summary>The bytes at a path of <see cref="TilePath"/>, or null when there is no such file.</summary>
    ValueTask<byte[]?> ReadAsync(string path, CancellationToken cancellationToken = default);
}

/// <summary>A log in a folder of this machine.</summary>
/// <param name="folder">The folder that holds <c>checkpoint</c> and <c>tile/</c>.</param>
public sealed class FolderLogSource(string folder) : ILogSource
{
    /// <inheritdoc/>
    public ValueTask<byte[]?> ReadAsync(string path, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // Tiles have at most a few hundred kilobytes: asynchronous file reading would only cost.
            return new ValueTask<byte[]?>(File.ReadAllBytes(Path.Combine(folder, path)));
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return new ValueTask<byte[]?>((byte[]?)null);
        }
    }
}

/// <summary>What is wrong with a log, and where.</summary>
/// <param name="Path">The file.</param>
/// <param name="Index">The entry, where one can be told.</param>
/// <param name="Problem">A sentence.</param>
public sealed record LogFault(string Path, long? Index, string Problem)
{
    /// <summary>The place and the sentence in one line.</summary>
    public override string ToString() => Index is { } index ? $"{Path}, entry {index}: {Problem}" : $"{Path}: {Problem}";
}

/// <summary>A log is not what its checkpoint says. Thrown where nothing sensible can be done but to stop.</summary>
public sealed class LogFaultException : Exception
{
    /// <summary>Stops with a fault.</summary>
    public LogFaultException(LogFault fault) : base(fault.ToString()) => Fault = fault;

    /// <summary>What and where.</summary>
    public LogFault Fault { get; }
}
