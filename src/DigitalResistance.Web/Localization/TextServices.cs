using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Localization;

/// <summary>
/// Registration of texts. Each feature has one marker class <c>Localization/&lt;Feature&gt;Texts.cs</c> with a <c>.resx</c> and a
/// <c>.ru.resx</c> beside it. No resources path is set: with one, a marker inside that folder is looked up twice as deep.
/// </summary>
internal static class TextServices
{
    public static IServiceCollection AddTexts(this IServiceCollection services)
    {
        services.AddLocalization();
        services.AddOptions<MvcOptions>().Configure<IStringLocalizer<SharedTexts>>(SayBindingMistakes);
        return services;
    }

    /// <summary>
    /// Messages of annotations are keys. They are looked up in the texts of the page's feature: a form below
    /// <c>Pages.Account</c> finds them in <c>AccountTexts</c>.
    /// </summary>
    public static IMvcBuilder AddAnnotationTexts(this IMvcBuilder mvc) => mvc.AddDataAnnotationsLocalization(options =>
        options.DataAnnotationLocalizerProvider = (type, factory) => factory.Create(TextsOf(type)));

    private static void SayBindingMistakes(MvcOptions mvc, IStringLocalizer<SharedTexts> texts)
    {
        // The annotations of a form say what is required; a non-nullable string alone does not, as its message could not be ours.
        mvc.SuppressImplicitRequiredAttributeForNonNullableReferenceTypes = true;
        var messages = mvc.ModelBindingMessageProvider;
        messages.SetAttemptedValueIsInvalidAccessor((_, _) => texts["Binding.Invalid"]);
        messages.SetNonPropertyAttemptedValueIsInvalidAccessor(_ => texts["Binding.Invalid"]);
        messages.SetUnknownValueIsInvalidAccessor(_ => texts["Binding.Invalid"]);
        messages.SetNonPropertyUnknownValueIsInvalidAccessor(() => texts["Binding.Invalid"]);
        messages.SetValueIsInvalidAccessor(_ => texts["Binding.Invalid"]);
        messages.SetValueMustBeANumberAccessor(_ => texts["Binding.Number"]);
        messages.SetNonPropertyValueMustBeANumberAccessor(() => texts["Binding.Number"]);
        messages.SetMissingBindRequiredValueAccessor(_ => texts["Binding.Missing"]);
        messages.SetMissingKeyOrValueAccessor(() => texts["Binding.Missing"]);
        messages.SetMissingRequestBodyRequiredValueAccessor(() => texts["Binding.Missing"]);
        messages.SetValueMustNotBeNullAccessor(_ => texts["Binding.Missing"]);
    }

    internal static Type TextsOf(Type form)
    {
        var folder = form.Namespace?.Split(".Pages.").ElementAtOrDefault(1)?.Split('.')[0];
        return Type.GetType($"{typeof(SharedTexts).Namespace}.{folder}Texts") ?? typeof(SharedTexts);
    }
}
