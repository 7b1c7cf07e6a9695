using System.ComponentModel.DataAnnotations;

namespace DigitalResistance.Treasury;

/// <summary>How many fresh addresses are given out (section <c>Donations</c>).</summary>
public sealed class DonationOptions
{
    /// <summary>Most addresses in one window, for everybody together. Default 600.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Donations:AddressesPerWindow must be between 1 and 1000000.")]
    public int AddressesPerWindow { get; set; } = 600;

    /// <summary>Length of the window. Default one hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00", ErrorMessage = "Donations:Window must be between one second and seven days.")]
    public TimeSpan Window { get; set; } = TimeSpan.FromHours(1);
}
