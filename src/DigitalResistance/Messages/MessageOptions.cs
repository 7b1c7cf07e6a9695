using System.ComponentModel.DataAnnotations;

namespace DigitalResistance.Messages;

/// <summary>Messages between accounts and admins (section <c>Messages</c>).</summary>
public sealed class MessageOptions
{
    /// <summary>Messages that one account writes in 24 hours. Default 10, from 1 to 1,000.</summary>
    [Range(1, 1_000, ErrorMessage = "Messages:PerDay must be from 1 to 1000.")]
    public int PerDay { get; set; } = 10;

    /// <summary>Messages an hour, all accounts together; a day's worth may be used at once. Default 60, from 1 to 100,000.</summary>
    [Range(1, 100_000, ErrorMessage = "Messages:AllPerHour must be from 1 to 100000.")]
    public int AllPerHour { get; set; } = 60;
}
