using System.Security.Cryptography;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols.MtProto;

namespace DigitalResistance.Prober.Protocols;

/// <summary>
/// Telegram's own proxy protocol, plain, with random padding (<c>dd</c>) and inside fake TLS (<c>ee</c>). Such a proxy leads to Telegram's data
/// centres and nowhere else, so Telegram is what proves itself: by an answer that only the holder of its RSA key can
/// give (<see cref="TelegramProof"/>).
/// </summary>
public sealed class MtProtoProbe : IProbe, IMintsCredentials, IReadsLinks
{
    /// <inheritdoc />
    public string Id => "mtproto";

    /// <inheritdoc />
    public string DisplayName => "MTProto proxy (Telegram)";

    /// <inheritdoc />
    public int Version => 1;

    /// <inheritdoc />
    public Uri Specification { get; } = new("https://core.telegram.org/mtproto/mtproto-transports");

    /// <inheritdoc />
    public int DefaultPort => 443;

    /// <inheritdoc />
    public TimeSpan Timeout { get; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public TargetKind LeadsTo => TargetKind.Telegram;

    /// <inheritdoc />
    public IReadOnlyList<Setting> Settings { get; } = [new("secret", "Secret", SettingKind.Secret) { MinBytes = 22, MaxBytes = 512 }];

    /// <inheritdoc />
    public IReadOnlyList<string> MintedSettings { get; } = ["secret"];

    /// <inheritdoc />
    public SettingsParse Parse(IReadOnlyDictionary<string, string> raw) =>
        SettingsParser.Parse(Settings, raw) is var parsed && parsed is SettingsParse.Accepted { Settings: var settings } && ProxySecret.Parse(settings["secret"]) is null
            ? new SettingsParse.Rejected("secret", SettingProblem.Malformed)
            : parsed;

    /// <summary>A new key of the same kind, for the same web site.</summary>
    public ProbeSettings Mint(ProbeSettings settings) => With(ProxySecret.Parse(settings["secret"])!);

    /// <inheritdoc />
    public ProbeSettings Counterfeit(ProbeSettings minted) => Mint(minted);

    /// <summary>A proxy refuses a secret by silence, by an end, or by showing the web site that it hides behind, but in the handshake always.</summary>
    public bool Refuses(ProbeReport report) => report is
    {
        Stage: Stage.Handshake, Failure: Failure.SecretNotAccepted or Failure.ConnectionClosed or Failure.ConnectionReset or Failure.NoAnswer
            or Failure.ReplyMalformed or Failure.TooSlow,
    };

    /// <summary><c>tg://proxy?server=…&amp;port=…&amp;secret=…</c>, and the same at t.me.</summary>
    public LinkSettings? Read(SettingsLink link) => link is { Scheme: "tg", Kind: "proxy" }
        ? new(link.Value("server"), link.Value("port"), new Dictionary<string, string>(StringComparer.Ordinal) { ["secret"] = link.Value("secret") }, link.Beyond("server", "port", "secret"))
        : null;

    /// <inheritdoc />
    public async ValueTask ConverseAsync(ProbeSession session)
    {
        if (session.Target is not ProbeTarget.Telegram target)
        {
            session.Fail(Failure.InternalError); // whoever made the assignment did not ask where this protocol leads
            return;
        }

        var secret = ProxySecret.Parse(session.Settings["secret"])!;
        var padded = secret.Kind != SecretKind.Plain;
        var (transport, hello) = secret.Kind == SecretKind.FakeTls ? await DisguiseAsync(session, secret) : (await session.DialAsync(), HelloSize.Large);
        if (transport is null) return;
        await TelegramProof.ProveAsync(session, TelegramProof.Obfuscate(session, transport, secret.Key, padded, target), padded, target);

        // What has carried until here did so for apps of 2019. Today's cannot connect: that is a failure with a remedy.
        if (hello == HelloSize.Classic) session.Fail(Failure.OldClientsOnly);
    }

    /// <summary>
    /// The inside of the fake TLS, and the hello that opened it: that of today's apps, or, where the server ends the connection over it, the
    /// short one, the only one that some servers know. No transport when the session has failed.
    /// </summary>
    private static async ValueTask<(ITransport? Inside, HelloSize Hello)> DisguiseAsync(ProbeSession session, ProxySecret secret)
    {
        if (await session.DialAsync() is not { } wire) return default;
        if (await GreetAsync(session, wire, secret, HelloSize.Large) is not { } failure) return (Inside(session, wire), HelloSize.Large);

        var mayTry = failure is not (Failure.NoAnswer or Failure.TooSlow or Failure.Cancelled);
        if (mayTry && await session.RedialAsync() is { } second && await GreetAsync(session, second, secret, HelloSize.Classic) is null)
        {
            return (Inside(session, second), HelloSize.Classic);
        }

        session.Fail(failure);
        return default;
    }

    private static FakeTlsTransport Inside(ProbeSession session, Wire wire)
    {
        session.Enter(Stage.Proof);
        return new FakeTlsTransport(wire);
    }

    /// <summary>One FakeTLS handshake; null when the server proved that it knows the secret.</summary>
    private static async ValueTask<Failure?> GreetAsync(ProbeSession session, Wire wire, ProxySecret secret, HelloSize size)
    {
        var hello = ClientHello.Write(size, secret.Domain, secret.Key, session.Time.GetUtcNow());
        await wire.SendAsync(hello);
        if (await wire.ReceiveAsync<ServerHello>() is not { } answer) return wire.Failure;
        return answer.Proves(secret.Key, hello) ? null : Failure.SecretNotAccepted;
    }

    private static ProbeSettings With(ProxySecret secret) => new(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["secret"] = (secret with { Key = RandomNumberGenerator.GetBytes(secret.Key.Length) }).Write(),
    });
}
