using System.ComponentModel.DataAnnotations;

namespace DigitalResistance.Treasury;

/// <summary>How many fresh addresses are given out, to everybody together (section <c>Donations</c>).</summary>
public sealed class DonationOptions
{
    /// <summary>Most addresses at once. Default 300.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Donations:AddressesAtOnce must be between 1 and 1000000.")]
    public int AddressesAtOnce { get; set; } = 300;

    /// <summary>How many more may be given out each hour. Default 600.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Donations:AddressesPerHour must be between 1 and 1000000.")]
    public int AddressesPerHour { get; set; } = 600;
}
