using System.Net;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Canary;

/// <summary>
/// The answering side (docs/specs/canary.md): one question and one answer of fixed length per connection, never longer than the question.
/// It keeps nothing but which megabytes it gave away today, so that any number of canaries under any names can answer alike.
/// </summary>
public sealed class CanaryResponder(CanaryKeyRing keys, int downloadsPerDay = CanaryResponder.DefaultDownloads)
{
    /// <summary>Megabytes that a canary gives away in a day, unless it is told otherwise.</summary>
    public const int DefaultDownloads = 500;

    private readonly DownloadBudget _downloads = new(downloadsPerDay);

    /// <summary>
    /// Answers a question that came from an address. For a host with its own connections (a web server's connection handler): feed what has
    /// come so far; send what is returned, then close.
    /// </summary>
    public CanaryAnswer Answer(ReadOnlySpan<byte> received, IPAddress from)
    {
        var parsed = CanaryRequest.Parse(received);
        if (parsed.Message is { } request) return new CanaryAnswer(IsComplete: true, Reply(request, from));
        return new CanaryAnswer(IsComplete: parsed.Refusal is not null || received.Length >= CanaryRequest.MaxLength, default);
    }

    /// <summary>Holds the exchange on a connection that a <see cref="Listener"/> accepted.</summary>
    public async ValueTask ServeAsync(SocketTransport connection, IPAddress from)
    {
        await using var wire = new Wire(connection);
        if (await wire.ReceiveAsync<CanaryRequest>() is { } request) await wire.SendAsync(Reply(request, from));
    }

    /// <summary>The answer to a datagram; empty where there is none.</summary>
    public ReadOnlyMemory<byte> AnswerDatagram(ReadOnlyMemory<byte> question, IPAddress from) => CanaryDatagram.Answer(keys, question.Span, from);

    private ReadOnlyMemory<byte> Reply(CanaryRequest request, IPAddress from)
    {
        // A shorter question than the answer would make this an amplifier, if only a small one.
        if (request.Length < CanaryReply.Length) return default;
        if (request.Nonce.Length == 0) return CanaryReply.Refusal;
        if (keys.Find(request.Nonce, request.Tag, CanaryRequest.TagOf) is not { } ticket) return Download(request);
        var address = CanaryReply.AddressBytes(from);
        return CanaryReply.Write(CanaryReply.Hide(ticket.Key, request.Nonce, address), CanaryReply.MacOf(ticket, request.Nonce, address));
    }

    private byte[] Download(CanaryRequest request) =>
        keys.Find(request.Nonce, request.Tag, CanaryDownload.TagOf) is { } ticket && _downloads.Take(ticket.Epoch, request.Nonce) ? CanaryDownload.Answer(ticket.Key, request.Nonce) : CanaryReply.Refusal;
}

/// <summary>What to do with a connection to the canary: wait for more until complete; then send the bytes, if there are any, and close.</summary>
public readonly record struct CanaryAnswer(bool IsComplete, ReadOnlyMemory<byte> Bytes);
