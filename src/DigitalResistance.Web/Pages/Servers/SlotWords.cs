using System.Globalization;
using DigitalResistance.Probing;
using DigitalResistance.Servers;

namespace DigitalResistance.Web.Pages.Servers;

/// <summary>How states look: kinds of badge, signs of the strip, shares as per cent.</summary>
internal static class SlotWords
{
    public static string Kind(ServerState state) => state switch
    {
        ServerState.Proven => "ok",
        ServerState.Contesting => "info",
        ServerState.Unproven => "warning",
        _ => "muted",
    };

    /// <summary>The state as the texts name it: the new place of a server has none of its own.</summary>
    public static string Word(Server server) => server.MovesFrom is null ? server.State.ToString() : "NewPlace";

    public static string Kind(SlotState state) => state switch
    {
        SlotState.Ok => "ok",
        SlotState.Fail => "danger",
        _ => "muted",
    };

    public static char Sign(SlotState state) => state switch
    {
        SlotState.Ok => '✓',
        SlotState.Fail => '✕',
        _ => '·',
    };

    /// <summary>Parts per million as per cent with two places, floored: 989,999 is not 99 %.</summary>
    public static string Percent(int ppm) => string.Create(CultureInfo.CurrentCulture, $"{Math.Floor(ppm / 100m) / 100m:0.00}\u00A0%");
}
