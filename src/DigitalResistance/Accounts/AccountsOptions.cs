using System.ComponentModel.DataAnnotations;

namespace DigitalResistance.Accounts;

/// <summary>Who may join and how hard guessing is (section <c>Accounts</c>).</summary>
public sealed class AccountsOptions
{
    /// <summary>Who may make an account on a new installation; later an admin decides on a page. Default: <c>Open</c>.</summary>
    [EnumDataType(typeof(Registration), ErrorMessage = "Accounts:Registration must be Open, Invitation or Closed.")]
    public Registration Registration { get; set; } = Registration.Open;

    /// <summary>
    /// New accounts an hour, all visitors together: behind Tor there is no address to limit by. Default 60, from 1 to 100,000; a day's worth
    /// may be used at once.
    /// </summary>
    [Range(1, 100_000, ErrorMessage = "Accounts:NewPerHour must be from 1 to 100000.")]
    public int NewPerHour { get; set; } = 60;

    /// <summary>Wrong passwords and codes an hour, all accounts together, before signing in pauses for everybody. Default 1,000, from 10 to 1,000,000.</summary>
    [Range(10, 1_000_000, ErrorMessage = "Accounts:FailuresPerHour must be from 10 to 1000000.")]
    public int FailuresPerHour { get; set; } = 1_000;

    /// <summary>Rounds of PBKDF2-HMAC-SHA512 for a password. Default 210,000, as OWASP asks for; at least 1,000 (for tests).</summary>
    [Range(1_000, 10_000_000, ErrorMessage = "Accounts:PasswordRounds must be from 1000 to 10000000.")]
    public int PasswordRounds { get; set; } = 210_000;

    /// <summary>
    /// File with the key that encrypts the key ring, relative to the data folder. Every replica needs the same one, from a secret. Default:
    /// <c>key-ring.key</c>, made at the first start.
    /// </summary>
    public string? KeyRingFile { get; set; }

    /// <summary>What an authenticator app shows beside the account id. Default: <c>Digital Resistance</c>.</summary>
    [Required(ErrorMessage = "Accounts:Issuer must be a name."), RegularExpression("[^:]*", ErrorMessage = "Accounts:Issuer must not contain a colon.")]
    public string Issuer { get; set; } = "Digital Resistance";
}

/// <summary>Who may make an account.</summary>
public enum Registration
{
    /// <summary>Everybody.</summary>
    Open,

    /// <summary>Who has an invitation code.</summary>
    Invitation,

    /// <summary>Nobody, except admins and treasurers with an invitation.</summary>
    Closed,
}
