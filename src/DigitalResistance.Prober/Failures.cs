using System.Collections.Frozen;

namespace DigitalResistance.Prober;

/// <summary>The failure vocabulary: one permanent string for each <see cref="Failure"/>, and what it counts as. Strings once published never change.</summary>
public static class Failures
{
    private static readonly Dictionary<Failure, (string Code, Outcome CountsAs)> Table = new()
    {
        [Failure.Cancelled] = ("cancelled", Outcome.Invalid),
        [Failure.InternalError] = ("internal_error", Outcome.Invalid),
        [Failure.UnknownProtocol] = ("unknown_protocol", Outcome.Invalid),
        [Failure.SettingsInvalid] = ("settings_invalid", Outcome.Invalid),
        [Failure.VantageExhausted] = ("vantage_exhausted", Outcome.Invalid),
        [Failure.FamilyUnavailable] = ("family_unavailable", Outcome.Invalid),

        // A dead or lying name server is the operator's, or else one could go down unpunished by breaking one's own zone.
        // When it is our resolver that is broken, the vantage's direct check fails too, and the slot becomes invalid there.
        [Failure.NameNotFound] = ("name_not_found", Outcome.Fail),
        [Failure.NameLookupFailed] = ("name_lookup_failed", Outcome.Fail),
        [Failure.NameLookupTimeout] = ("name_lookup_timeout", Outcome.Fail),
        [Failure.AddressForbidden] = ("address_forbidden", Outcome.Fail),
        [Failure.PortForbidden] = ("port_forbidden", Outcome.Fail),

        [Failure.ConnectionRefused] = ("connection_refused", Outcome.Fail),
        [Failure.ConnectionTimeout] = ("connection_timeout", Outcome.Fail),
        [Failure.HostUnreachable] = ("host_unreachable", Outcome.Fail),
        [Failure.NetworkUnreachable] = ("network_unreachable", Outcome.Fail),
        [Failure.ConnectionReset] = ("connection_reset", Outcome.Fail),
        [Failure.ConnectionClosed] = ("connection_closed", Outcome.Fail),
        [Failure.ConnectionFailed] = ("connection_failed", Outcome.Fail),

        [Failure.NoAnswer] = ("no_answer", Outcome.Fail),
        [Failure.TooSlow] = ("too_slow", Outcome.Fail),
        [Failure.ReplyTooLarge] = ("reply_too_large", Outcome.Fail),
        [Failure.ReplyMalformed] = ("reply_malformed", Outcome.Fail),
        [Failure.WrongProtocol] = ("wrong_protocol", Outcome.Fail),
        [Failure.AuthenticationRequired] = ("authentication_required", Outcome.Fail),
        [Failure.AuthenticationRefused] = ("authentication_refused", Outcome.Fail),
        [Failure.SecretNotAccepted] = ("secret_not_accepted", Outcome.Fail),
        [Failure.OldClientsOnly] = ("old_clients_only", Outcome.Fail),
        [Failure.NoAcceptableMethod] = ("no_acceptable_method", Outcome.Fail),
        [Failure.WebSocketRefused] = ("web_socket_refused", Outcome.Fail),

        [Failure.TunnelFailed] = ("tunnel_failed", Outcome.Fail),
        [Failure.TunnelNotAllowed] = ("tunnel_not_allowed", Outcome.Fail),
        [Failure.TargetUnreachable] = ("target_unreachable", Outcome.Fail),
        [Failure.TargetRefused] = ("target_refused", Outcome.Fail),
        [Failure.CommandUnsupported] = ("command_unsupported", Outcome.Fail),
        [Failure.AddressTypeUnsupported] = ("address_type_unsupported", Outcome.Fail),

        [Failure.NothingCarried] = ("nothing_carried", Outcome.Fail),
        [Failure.ProofRefused] = ("proof_refused", Outcome.Fail),
        // Nothing authenticates this one, and whoever could call it neutral could hide behind it.
        [Failure.TargetBusy] = ("target_busy", Outcome.Fail),
        [Failure.ProofForged] = ("proof_forged", Outcome.Fail),
        [Failure.DatagramsLost] = ("datagrams_lost", Outcome.Fail),
        [Failure.TlsFailed] = ("tls_failed", Outcome.Fail),
        [Failure.CertificateUntrusted] = ("certificate_untrusted", Outcome.Fail),
        [Failure.CertificateWrongName] = ("certificate_wrong_name", Outcome.Fail),
        [Failure.CertificateExpired] = ("certificate_expired", Outcome.Fail),
    };

    private static readonly FrozenDictionary<string, Failure> ByCode =
        Table.ToFrozenDictionary(row => row.Value.Code, row => row.Key, StringComparer.Ordinal);

    /// <summary>Every failure, in the order of the published table.</summary>
    public static IReadOnlyList<Failure> All { get; } = Enum.GetValues<Failure>();

    /// <summary>The permanent string of a failure, as stored, published and translated.</summary>
    public static string Code(this Failure failure) => Table[failure].Code;

    /// <summary>What a probe with this failure counts as.</summary>
    public static Outcome CountsAs(this Failure failure) => Table[failure].CountsAs;

    /// <summary>Finds the failure of a permanent string.</summary>
    public static bool TryParse(string code, out Failure failure) => ByCode.TryGetValue(code, out failure);
}
