using System.Collections.Frozen;
using DigitalResistance.Prober;

namespace DigitalResistance.Probing;

/// <summary>
/// One byte for each reason that a result can have: the prober's published failures, and what only the registry can say. A number once
/// used keeps its meaning for ever, since packed days hold it: new reasons are added at the end.
/// </summary>
public static class Reasons
{
    /// <summary>The vantage's own check failed before or after the probe, so that nobody knows whose fault a failure was.</summary>
    public const string VantageBlind = "vantage_blind";

    /// <summary>The probe started too late after its drawn moment.</summary>
    public const string StartedLate = "started_late";

    /// <summary>The server's name led to an address whose control was not proven.</summary>
    public const string AddressUnproven = "address_unproven";

    /// <summary>The server's machine asked to be left alone.</summary>
    public const string OptedOut = "opted_out";

    /// <summary>The vantage is not set up for what servers of this protocol lead to.</summary>
    public const string NoTarget = "no_target";

    private static readonly string[] Codes =
    [
        "", // 0: none
        "cancelled", "internal_error", "unknown_protocol", "settings_invalid", "vantage_exhausted", "family_unavailable",
        "name_not_found", "name_lookup_failed", "name_lookup_timeout", "address_forbidden", "port_forbidden",
        "connection_refused", "connection_timeout", "host_unreachable", "network_unreachable", "connection_reset", "connection_closed", "connection_failed",
        "no_answer", "too_slow", "reply_too_large", "reply_malformed", "wrong_protocol",
        "authentication_required", "authentication_refused", "no_acceptable_method",
        "tunnel_failed", "tunnel_not_allowed", "target_unreachable", "target_refused", "command_unsupported", "address_type_unsupported",
        "nothing_carried", "proof_refused", "proof_forged", "tls_failed", "certificate_untrusted", "certificate_wrong_name", "certificate_expired",
        VantageBlind, StartedLate, AddressUnproven,
        "datagrams_lost",
        OptedOut,
        "secret_not_accepted", "web_socket_refused",
        "old_clients_only", "target_busy", NoTarget,
    ];

    private static readonly FrozenDictionary<string, byte> Numbers = Codes.Index().ToFrozenDictionary(c => c.Item, c => (byte)c.Index, StringComparer.Ordinal);

    /// <summary>Every reason in the order of its number; the first one is "none".</summary>
    public static IReadOnlyList<string> All => Codes;

    /// <summary>The number of a reason.</summary>
    public static byte Number(string code) => Numbers[code];

    /// <summary>The number of a failure.</summary>
    public static byte Number(Failure failure) => Numbers[failure.Code()];

    /// <summary>The text of a number; a number from the future reads as <c>internal_error</c>.</summary>
    public static string Code(byte number) => number < Codes.Length ? Codes[number] : "internal_error";
}
