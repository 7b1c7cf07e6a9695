namespace DigitalResistance.Web.Forms;

/// <summary>
/// What somebody entered beside what is stored now, because somebody else saved meanwhile (or the same person did, at another page). Nothing was saved: whoever
/// sees both decides.
/// </summary>
/// <param name="Lines">One per field, in the form's order.</param>
/// <param name="IsOpen">Whether it can still be changed.</param>
public sealed record BothVersions(IReadOnlyList<VersionsLine> Lines, bool IsOpen = true);

/// <summary>One field.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Yours">What was entered.</param>
/// <param name="Now">What is stored now.</param>
public sealed record VersionsLine(string Label, string? Yours, string? Now)
{
    /// <summary>Whether they are not the same.</summary>
    public bool Differs => (Yours ?? "") != (Now ?? "");
}
