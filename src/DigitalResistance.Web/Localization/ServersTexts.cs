namespace DigitalResistance.Web.Localization;

/// <summary>Texts of the pages about an operator's servers.</summary>
public sealed class ServersTexts;
