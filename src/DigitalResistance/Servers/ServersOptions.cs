using System.ComponentModel.DataAnnotations;

namespace DigitalResistance.Servers;

/// <summary>Registration, proofs of control and their limits (section <c>Servers</c>).</summary>
public sealed class ServersOptions
{
    /// <summary>
    /// Folder of the servers' keys. Default: <c>keys</c> below <c>Database:Folder</c>. Must be shared by all replicas, and must not be in
    /// the backup of the database: together they would tell every server's address. A lost folder is lost registrations.
    /// </summary>
    [MinLength(1, ErrorMessage = "Servers:KeyFolder must be a path, or absent.")]
    public string? KeyFolder { get; set; }

    /// <summary>How many servers one account may have, retired ones not counted. 1 to 10,000; default 100.</summary>
    [Range(1, 10_000, ErrorMessage = "Servers:MostPerAccount must be between 1 and 10,000.")]
    public int MostPerAccount { get; set; } = 100;

    /// <summary>How many of them may be without a proof of control at once. 1 to 1,000; default 10.</summary>
    [Range(1, 1_000, ErrorMessage = "Servers:MostUnprovenPerAccount must be between 1 and 1,000.")]
    public int MostUnprovenPerAccount { get; set; } = 10;

    /// <summary>
    /// How often an address that nobody has proven may be contacted in a day, over all accounts. 1 to 1,000; default 12. The limit of one
    /// address is drawn between two thirds of it and all of it, so that reaching it does not tell whether others tried that address too.
    /// </summary>
    [Range(1, 1_000, ErrorMessage = "Servers:AttemptsPerDay must be between 1 and 1,000.")]
    public int AttemptsPerDay { get; set; } = 12;

    /// <summary>How many such attempts one account may cause in a day. 1 to 10,000; default 60.</summary>
    [Range(1, 10_000, ErrorMessage = "Servers:AttemptsPerAccountAndDay must be between 1 and 10,000.")]
    public int AttemptsPerAccountAndDay { get; set; } = 60;

    /// <summary>How many proofs and tests the whole registry makes in a minute. 1 to 100,000; default 120. Behind Tor there is no address to limit by.</summary>
    [Range(1, 100_000, ErrorMessage = "Servers:AttemptsPerMinute must be between 1 and 100,000.")]
    public int AttemptsPerMinute { get; set; } = 120;

    /// <summary>How many unscored tests of proven servers one account may ask for in an hour. 1 to 10,000; default 20.</summary>
    [Range(1, 10_000, ErrorMessage = "Servers:TestsPerHour must be between 1 and 10,000.")]
    public int TestsPerHour { get; set; } = 20;

    /// <summary>How many megabytes one account may have sent through its servers in a day, to see how fast they are. 0 to 1,000; default 4.</summary>
    [Range(0, 1_000, ErrorMessage = "Servers:DownloadsPerAccountAndDay must be between 0 and 1,000.")]
    public int DownloadsPerAccountAndDay { get; set; } = 4;

    /// <summary>How many such megabytes the whole registry may ask its canaries for in a day. 0 to 100,000; default 400. With 0 nobody is offered any.</summary>
    [Range(0, 100_000, ErrorMessage = "Servers:DownloadsPerDay must be between 0 and 100,000.")]
    public int DownloadsPerDay { get; set; } = 400;

    /// <summary>How often one server may call home in an hour. 1 to 3,600; default 30.</summary>
    [Range(1, 3_600, ErrorMessage = "Servers:CallsHomePerHour must be between 1 and 3,600.")]
    public int CallsHomePerHour { get; set; } = 30;

    /// <summary>
    /// How often an address may ask in a day (UTC) to be left alone. 1 to 1,000; default 1: whoever uses an open proxy can call through it, and once
    /// a day costs a server that calls home every hour less than any table of the policy notices.
    /// </summary>
    [Range(1, 1_000, ErrorMessage = "Servers:OptOutsPerAddressAndDay must be between 1 and 1,000.")]
    public int OptOutsPerAddressAndDay { get; set; } = 1;

    /// <summary>How many such calls one network (/24, /48) may make in an hour. 1 to 100,000; default 30.</summary>
    [Range(1, 100_000, ErrorMessage = "Servers:OptOutsPerNetworkAndHour must be between 1 and 100,000.")]
    public int OptOutsPerNetworkAndHour { get; set; } = 30;

    /// <summary>How many such calls the whole registry takes in a minute. 1 to 100,000; default 60. Each new address is a row that every process holds.</summary>
    [Range(1, 100_000, ErrorMessage = "Servers:OptOutsPerMinute must be between 1 and 100,000.")]
    public int OptOutsPerMinute { get; set; } = 60;

    /// <summary>How long the instructions for a proof are valid. 1 hour to 90 days; default 7 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "90.00:00:00", ErrorMessage = "Servers:ChallengeLifetime must be between 1 hour and 90 days.")]
    public TimeSpan ChallengeLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Port at which the token of a proof by HTTP is asked for. 1 to 65,535; default 80.</summary>
    [Range(1, 65_535, ErrorMessage = "Servers:HttpProofPort must be between 1 and 65,535.")]
    public int HttpProofPort { get; set; } = 80;

    /// <summary>How long the holder of an address has to prove it again after somebody else has proven it. 1 second to 30 days; default 72 hours.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00", ErrorMessage = "Servers:TakeoverAfter must be between 1 second and 30 days.")]
    public TimeSpan TakeoverAfter { get; set; } = TimeSpan.FromHours(72);
}
