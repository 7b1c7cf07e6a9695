namespace DigitalResistance.Web.Localization;

/// <summary>The rehearsal of the treasury's keys.</summary>
public sealed class RehearsalTexts;
