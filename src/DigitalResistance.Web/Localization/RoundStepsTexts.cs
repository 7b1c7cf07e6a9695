namespace DigitalResistance.Web.Localization;

/// <summary>Texts of the admins' pages about rounds and their keys.</summary>
public sealed class RoundStepsTexts;
