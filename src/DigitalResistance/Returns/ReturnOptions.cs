using System.ComponentModel.DataAnnotations;

namespace DigitalResistance.Returns;

/// <summary>The slow way back into an account whose password and codes are lost (section <c>Returns</c>).</summary>
public sealed class ReturnOptions
{
    /// <summary>
    /// Days between the admins' agreement and the new password, in which whoever can still sign in may stop it; as many days again it can be used. Default 14, from 3 to 90.
    /// </summary>
    [Range(3, 90, ErrorMessage = "Returns:WaitDays must be from 3 to 90.")]
    public int WaitDays { get; set; } = 14;

    /// <summary>Requests an hour, all visitors together; a day's worth may be used at once. Default 5, from 1 to 1,000.</summary>
    [Range(1, 1_000, ErrorMessage = "Returns:AsksPerHour must be from 1 to 1000.")]
    public int AsksPerHour { get; set; } = 5;

    /// <summary><see cref="WaitDays"/> as a time.</summary>
    public TimeSpan Wait => TimeSpan.FromDays(WaitDays);
}
