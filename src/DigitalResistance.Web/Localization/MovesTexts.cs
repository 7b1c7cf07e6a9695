namespace DigitalResistance.Web.Localization;

/// <summary>Texts of what is done with the treasury's money beside rounds.</summary>
public sealed class MovesTexts;
