namespace DigitalResistance.Prober.Dialing;

/// <summary>
/// A transport seen as a stream, for the library classes that insist on one (TLS, HTTP). Here a failure has to become an
/// <see cref="IOException"/>; <see cref="Failure"/> keeps what it was, and the exception says no more than its name.
/// </summary>
internal sealed class TransportStream(ITransport transport) : Stream
{
    /// <summary>What ended the stream, other than an orderly close.</summary>
    public Failure? Failure { get; private set; }

    /// <inheritdoc />
    public override bool CanRead => true;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override bool CanWrite => true;

    /// <inheritdoc />
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc />
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0) return 0;
        var received = await transport.ReceiveAsync(buffer);
        return received.Failure is null or Prober.Failure.ConnectionClosed ? received.Count : throw Broken(received.Failure.Value);
    }

    /// <inheritdoc />
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc />
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (await transport.SendAsync(buffer) is { } failure) throw Broken(failure);
    }

    /// <inheritdoc />
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc />
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public override void Flush()
    {
    }

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous reads.");

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous writes.");

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        await transport.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        // HttpClient knows no asynchronous way to let go of a connection, and no transport fails in ending.
        if (disposing) _ = transport.DisposeAsync().AsTask();
        base.Dispose(disposing);
    }

    private IOException Broken(Failure failure)
    {
        Failure = failure;
        return new IOException(failure.Code());
    }
}
