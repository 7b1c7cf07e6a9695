namespace DigitalResistance.Web.Localization;

/// <summary>Texts that every page repeats: header, footer, errors of binding, common words.</summary>
public sealed class SharedTexts;
