using DigitalResistance.Moves;

namespace DigitalResistance.Web.Html;

/// <summary>How the state of a move is shown.</summary>
internal static class MoveBadge
{
    public static string Kind(MoveState state) => state switch
    {
        MoveState.Closed => "ok",
        MoveState.Withdrawn => "muted",
        _ => "info",
    };
}
