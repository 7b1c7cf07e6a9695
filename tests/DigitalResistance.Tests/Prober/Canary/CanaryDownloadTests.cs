using System.Net;
using System.Security.Cryptography;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Dialing;
using Microsoft.Extensions.Time.Testing;

namespace DigitalResistance.Tests.Prober.Canary;

public sealed class CanaryDownloadTests
{
    private static readonly byte[] Nonce = [.. Enumerable.Range(0x40, 24).Select(i => (byte)i)];

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2024, 10, 4, 12, 0, 0, TimeSpan.Zero)); // epoch 20,000
    private readonly CanaryKeyRing _keys;

    public CanaryDownloadTests() => _keys = new CanaryKeyRing(Proving.Master, ["local", "v-2"], _time);

    /// <summary>The example of docs/specs/canary.md, made with Python's hmac and hashlib.shake_256.</summary>
    [Fact]
    public void The_megabyte_is_that_of_the_specification()
    {
        var ticket = _keys.Issue("local");
        Assert.Equal("8984247f52b65212", Convert.ToHexStringLower(CanaryDownload.TagOf(ticket.Key, Nonce)));
        var answer = CanaryDownload.Answer(ticket.Key, Nonce);
        Assert.Equal("d05d29a84aaa5b4051109a1033fc6d2a5107fe8f40cc41844fae4f8a3c07f733", Convert.ToHexStringLower(SHA256.HashData(answer.AsSpan(^CanaryDownload.BodyLength..))));
    }

    [Fact]
    public void A_question_is_answered_once()
    {
        var canary = new CanaryResponder(_keys);
        var question = Question(_keys.Issue("local"), Nonce);
        Assert.Equal(CanaryDownload.Answer(_keys.Issue("local").Key, Nonce), Ask(canary, question));
        Assert.Equal(CanaryReply.Refusal, Ask(canary, question));
        byte[] next = [.. Nonce.Reverse()];
        Assert.Equal(CanaryDownload.Answer(_keys.Issue("v-2").Key, next), Ask(canary, Question(_keys.Issue("v-2"), next)));
    }

    [Fact]
    public void A_canary_gives_so_many_a_day()
    {
        var canary = new CanaryResponder(_keys, downloadsPerDay: 3);
        Assert.Equal([true, true, true, false, false], Enumerable.Range(0, 5).Select(_ => IsGiven(canary)));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => IsGiven(canary)));
        Assert.False(IsGiven(new CanaryResponder(_keys, downloadsPerDay: 0)));
    }

    [Fact]
    public void Many_at_once_take_no_more_than_there_are()
    {
        var canary = new CanaryResponder(_keys, downloadsPerDay: 5);
        Assert.Equal(5, ParallelEnumerable.Range(0, 64).Count(_ => IsGiven(canary)));
        var (fresh, one) = (new CanaryResponder(_keys), Question(_keys.Issue("local"), Nonce));
        Assert.Equal(1, ParallelEnumerable.Range(0, 64).Count(_ => Ask(fresh, one).Length > CanaryReply.Length));
    }

    [Fact]
    public void No_question_is_turned_into_the_other_kind()
    {
        var (ticket, canary) = (_keys.Issue("local"), new CanaryResponder(_keys));
        Assert.NotEqual(CanaryRequest.TagOf(ticket.Key, Nonce), CanaryDownload.TagOf(ticket.Key, Nonce));
        Assert.Equal(CanaryReply.Length, Ask(canary, CanaryRequest.Write(Nonce, CanaryRequest.TagOf(ticket.Key, Nonce), HostPort.Parse("files.example.net:80"))).Length);
        var stranger = new CanaryKeyRing(new byte[32], ["local"], _time);
        Assert.Equal(CanaryReply.Refusal, Ask(canary, Question(stranger.Issue("local"), Nonce)));
    }

    private bool IsGiven(CanaryResponder canary) => Ask(canary, Question(_keys.Issue("local"), RandomNumberGenerator.GetBytes(24))).Length > CanaryReply.Length;

    private static byte[] Question(CanaryTicket ticket, byte[] nonce) => CanaryRequest.Write(nonce, CanaryDownload.TagOf(ticket.Key, nonce), HostPort.Parse("files.example.net:80"));

    private static byte[] Ask(CanaryResponder canary, byte[] question) => canary.Answer(question, IPAddress.Parse("198.51.100.7")).Bytes.ToArray();
}
