using System.Globalization;
using DigitalResistance.Prober.Protocols;
using DigitalResistance.Servers;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Servers;

/// <summary>What the forms of a new and of a changed server send.</summary>
public sealed class ServerFields
{
    public string? Label { get; set; }

    public string? Host { get; set; }

    public string? Port { get; set; }

    /// <summary>The protocol's settings by name.</summary>
    public Dictionary<string, string?> Settings { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The version that the form was made from.</summary>
    public long Version { get; set; }

    /// <summary>Secrets that were read from a link, sealed (<see cref="LinkSecrets"/>).</summary>
    public string? Sealed { get; set; }

    /// <summary>The fields as the acts take them.</summary>
    public ServerForm ToForm(string protocol) => new(
        protocol, Label ?? "", Host ?? "", Port ?? "", Settings.ToDictionary(s => s.Key, s => s.Value ?? "", StringComparer.Ordinal));

    /// <summary>Every declared setting has a place, so that the form can be shown.</summary>
    public void Complete(IProbe protocol)
    {
        foreach (var setting in protocol.Settings) Settings.TryAdd(setting.Name, setting.Choices is [var first, ..] ? first.Value : null);
    }

    /// <summary>What a link says, except for the secrets.</summary>
    public static ServerFields Of(LinkResult.Understood link, IProbe protocol)
    {
        var fields = new ServerFields { Host = link.Server.Host.Text, Port = link.Server.Port.ToString(CultureInfo.InvariantCulture) };
        foreach (var setting in protocol.Settings.Where(s => !s.IsSecret)) fields.Settings[setting.Name] = link.Settings.Values.GetValueOrDefault(setting.Name);
        fields.Complete(protocol);
        return fields;
    }

    /// <summary>What is stored, except for the secrets.</summary>
    public static ServerFields Of(OwnServer own)
    {
        var fields = new ServerFields
        {
            Label = own.Server.Label, Host = own.Endpoint.Host, Port = own.Endpoint.Port.ToString(CultureInfo.InvariantCulture), Version = own.Server.Version,
        };
        foreach (var setting in own.Protocol.Settings.Where(s => !s.IsSecret)) fields.Settings[setting.Name] = own.Endpoint.Settings.GetValueOrDefault(setting.Name);
        fields.Complete(own.Protocol);
        return fields;
    }
}

/// <summary>A page that shows <c>_Fields</c>.</summary>
public interface IServerFieldsPage
{
    /// <summary>The protocol whose settings are asked for.</summary>
    IProbe Protocol { get; }

    /// <summary>What is typed.</summary>
    ServerFields Input { get; }

    /// <summary>Where secrets come from that are left empty; null where they have to be typed.</summary>
    string? SecretHint { get; }
}

/// <summary>Problems of a form in the reader's words, at the fields that have them.</summary>
internal static class FormProblemTexts
{
    public static void Add(this ModelStateDictionary state, IEnumerable<FormProblem> problems, IProbe protocol, IStringLocalizer<ServersTexts> texts)
    {
        foreach (var problem in problems)
        {
            var (field, text) = problem switch
            {
                FormProblem.Label => ("Label", texts["Problem.Label", ServerForm.LongestLabel]),
                FormProblem.Host host => ("Host", texts[$"Problem.Host.{host.Refusal}"]),
                FormProblem.Address address => ("Host", texts[$"Problem.Address.{address.Refusal}"]),
                FormProblem.Port port => ("Port", texts[$"Problem.Port.{port.Refusal}"]),
                FormProblem.Setting setting => ($"Settings[{setting.Name}]", texts[$"Problem.Setting.{setting.Problem}", Limit(setting, protocol)]),
                _ => ("", texts["Problem.Protocol"]),
            };
            state.AddModelError(field.Length == 0 ? "" : "Input." + field, text);
        }
    }

    /// <summary>The name of a setting in the reader's language; a new protocol's own English one until it is translated.</summary>
    public static string Name(this IStringLocalizer<ServersTexts> texts, Setting setting) => texts[$"Setting.{setting.Name}"] is { ResourceNotFound: false } text ? text : setting.Label;

    /// <summary>The name of a choice, likewise.</summary>
    public static string Name(this IStringLocalizer<ServersTexts> texts, Setting setting, SettingChoice choice) =>
        texts[$"Choice.{setting.Name}.{choice.Value}"] is { ResourceNotFound: false } text ? text : choice.Label;

    /// <summary>What is wrong with a setting that stands in no field yet.</summary>
    public static string Problem(this IStringLocalizer<ServersTexts> texts, string name, SettingProblem problem, IProbe protocol)
    {
        var label = protocol.Settings.FirstOrDefault(s => s.Name == name) is { } setting ? texts.Name(setting) : name;
        return texts["Problem.Link.Setting", label, texts[$"Problem.Setting.{problem}", Limit(new FormProblem.Setting(name, problem), protocol)].Value];
    }

    private static int Limit(FormProblem.Setting problem, IProbe protocol)
    {
        var setting = protocol.Settings.FirstOrDefault(s => s.Name == problem.Name);
        return problem.Problem == SettingProblem.TooShort ? setting?.MinBytes ?? 0 : setting?.MaxBytes ?? 0;
    }
}
