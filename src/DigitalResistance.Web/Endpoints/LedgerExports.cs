using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Xml;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Web.About;
using DigitalResistance.Web.Hosting;
using DigitalResistance.Web.Html;
using DigitalResistance.Web.Localization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Endpoints;

/// <summary>
/// The ledger page's query as files: the same parameters, the same filter, every row it matches. Rows are written as they are read, so
/// a million of them need no more memory than one.
/// </summary>
internal static class LedgerExports
{
    private const int FeedEntries = 100;

    public static void MapLedgerExports(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/ledger.csv", (HttpContext context, MoneyDb db) => AnswerAsync(context, db, "text/csv; charset=utf-8", WriteCsvAsync)).AllowAnonymous().CacheOutput(PublicCache.Policy).ExcludeFromDescription();
        routes.MapGet("/ledger.json", (HttpContext context, MoneyDb db) => AnswerAsync(context, db, "application/json", WriteJsonAsync)).AllowAnonymous().CacheOutput(PublicCache.Policy).ExcludeFromDescription();
        routes.MapGet("/ledger.atom", (HttpContext context, MoneyDb db) => AnswerAsync(context, db, "application/atom+xml; charset=utf-8", WriteAtomAsync)).AllowAnonymous().CacheOutput(PublicCache.Policy).ExcludeFromDescription();
    }

    private static async Task AnswerAsync(HttpContext context, MoneyDb db, string type, Func<Stream, Export, CancellationToken, Task> write)
    {
        var query = LedgerQuery.Read(name => context.Request.Query[name], out var wrong, context.Request.Query.Keys);
        if (wrong.Count > 0)
        {
            await TypedResults.ValidationProblem(Mistakes(wrong)).ExecuteAsync(context);
            return;
        }

        var size = await db.Set<LedgerHead>().Select(h => h.Published).SingleOrDefaultAsync(context.RequestAborted);
        // Lines are final: the same query at the same size is the same answer for ever.
        var tag = $"\"{size.ToString(CultureInfo.InvariantCulture)}-{Language.Current.Code}\"";
        LedgerFiles.Open(context.Response, "public, max-age=0, must-revalidate");
        if (EntityTag.Set(context, tag)) return;
        context.Response.ContentType = type;
        var lines = await query.LinesAsync(db, size, context.RequestAborted);
        await write(context.Response.Body, new Export(context, query, size, lines), context.RequestAborted);
    }

    /// <summary>What a machine is told of parameters that cannot be read.</summary>
    internal static Dictionary<string, string[]> Mistakes(IReadOnlyList<string> wrong) => wrong.ToDictionary(name => name, name => new[] { name == LedgerQuery.UnknownParameter ? $"There is a parameter that is not one of {string.Join(", ", LedgerQuery.Names)}." : $"'{name}' is not understood." });

    private static async Task WriteCsvAsync(Stream body, Export export, CancellationToken cancellation)
    {
        await using var writer = new StreamWriter(body, new UTF8Encoding(false), bufferSize: 32 * 1024, leaveOpen: true) { NewLine = "\r\n" };
        // RFC 4180; no value can hold a comma or begin a formula, as the log has no free text.
        await writer.WriteLineAsync("index,day,type,change_sat,balance_sat,amount_sat,fee_sat,round,move,token,weight,txid");
        await foreach (var l in export.Lines.AsAsyncEnumerable().WithCancellation(cancellation))
            await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{l.Index},{l.Day:O},{l.Type},{l.Change.Value},{l.Balance.Value},{l.Amount?.Value},{l.Fee?.Value},{l.Round},{l.Move},{l.Token},{l.Weight},{l.Txid}"));
    }

    private static async Task WriteJsonAsync(Stream body, Export export, CancellationToken cancellation)
    {
        var pipe = PipeWriter.Create(body, new StreamPipeWriterOptions(leaveOpen: true));
        await using var json = new Utf8JsonWriter(pipe);
        json.WriteStartObject();
        json.WriteNumber("size", export.Size);
        json.WriteStartArray("lines");
        await foreach (var line in export.Lines.AsAsyncEnumerable().WithCancellation(cancellation))
        {
            JsonSerializer.Serialize(json, LedgerRow.Of(line), LedgerRow.Json);
            if (pipe.UnflushedBytes > 32 * 1024) await pipe.FlushAsync(cancellation);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(cancellation);
        await pipe.CompleteAsync();
    }

    private static async Task WriteAtomAsync(Stream body, Export export, CancellationToken cancellation)
    {
        var services = export.Context.RequestServices;
        var texts = services.GetRequiredService<IStringLocalizer<LedgerTexts>>();
        var site = $"{services.GetRequiredService<IOptions<SiteOptions>>().Value.PublicOrigin}/{Language.Current.Code}";
        var lines = await export.Lines.Take(FeedEntries).ToListAsync(cancellation);
        var query = QueryString.Create(export.Query.Parameters().Select(p => new KeyValuePair<string, string?>(p.Key, p.Value)));

        using var feed = new MemoryStream();
        using (var xml = XmlWriter.Create(feed, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true })) WriteFeed(xml, site, services.GetRequiredService<InstanceFile>().Name, query, lines, texts);
        feed.Position = 0;
        await feed.CopyToAsync(body, cancellation);
    }

    private static void WriteFeed(XmlWriter xml, string site, string name, QueryString query, List<LedgerLine> lines, IStringLocalizer<LedgerTexts> texts)
    {
        xml.WriteStartDocument();
        xml.WriteStartElement("feed", "http://www.w3.org/2005/Atom");
        xml.WriteAttributeString("xml", "lang", null, Language.Current.Code);
        xml.WriteElementString("id", $"{site}/ledger.atom{query}");
        xml.WriteElementString("title", $"{texts["Title"]} · {name}");
        xml.WriteElementString("updated", Updated(lines.Count > 0 ? lines[0].Day : DateOnly.FromDateTime(DateTime.UnixEpoch)));
        Link(xml, "self", $"{site}/ledger.atom{query}");
        Link(xml, "alternate", $"{site}/ledger{query}");
        foreach (var line in lines)
        {
            xml.WriteStartElement("entry");
            xml.WriteElementString("id", $"{site}/ledger/{line.Index}");
            xml.WriteElementString("title", Title(line, texts));
            xml.WriteElementString("updated", Updated(line.Day));
            xml.WriteStartElement("author");
            xml.WriteElementString("name", name);
            xml.WriteEndElement();
            Link(xml, "alternate", $"{site}/ledger/{line.Index}");
            xml.WriteElementString("summary", texts[$"Says.{line.Type}"]);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static string Title(LedgerLine line, IStringLocalizer<LedgerTexts> texts)
    {
        var title = new StringBuilder($"{line.Index}: {texts[$"Type.{line.Type}"]}");
        if (line.Round is { } round) title.Append(CultureInfo.InvariantCulture, $", {texts["InRound", round]}");
        if (line.Move is { } move) title.Append(CultureInfo.InvariantCulture, $", {texts["InMove", move]}");
        if (line.Amount is { } amount) title.Append(CultureInfo.InvariantCulture, $", {AmountTagHelper.Text(amount)} sat");
        return title.ToString();
    }

    private static string Updated(DateOnly day) => day.ToString("O", CultureInfo.InvariantCulture) + "T00:00:00Z";

    private static void Link(XmlWriter xml, string relation, string address)
    {
        xml.WriteStartElement("link");
        xml.WriteAttributeString("rel", relation);
        xml.WriteAttributeString("href", address);
        xml.WriteEndElement();
    }

    private sealed record Export(HttpContext Context, LedgerQuery Query, long Size, IQueryable<LedgerLine> Lines);
}
