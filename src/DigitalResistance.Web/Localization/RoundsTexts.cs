namespace DigitalResistance.Web.Localization;

/// <summary>Texts of the public pages about rounds.</summary>
public sealed class RoundsTexts;
