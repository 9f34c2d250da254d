using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Traffic.Platform;

namespace Traffic.Host.Import;

/// <summary>What became of the rows. Whatever happened, <c>Read = Accepted + Duplicate + Conflict + Rejected + Unknown</c>.</summary>
sealed record ImportTotals(long Read, long Accepted, long Duplicate, long Conflict, long Rejected)
{
    /// <summary>Read, and sent or about to be, but not answered: they may or may not be there. Sending again settles them.</summary>
    public long Unknown => Read - Accepted - Duplicate - Conflict - Rejected;
}

/// <summary>
/// One import: rows are read and mapped while the batch before is answered, and sent in the order of the file, so that which of
/// two conflicting rows is kept does not depend on chance.
/// </summary>
/// <param name="sender">Null only reads: nothing is sent.</param>
/// <param name="rejected">Told of each row that became no record, in the order of the file.</param>
sealed class Importing(RecordMap map, ImportSender? sender, Action<Rejected> rejected, Words words, string language)
{
    const int RowsEach = 500;

    /// <summary>Half of what the door takes.</summary>
    const int BytesEach = 2 * 1024 * 1024;

    /// <summary>One report as it is sent, and its receipt; null until it is answered.</summary>
    sealed class Report(byte[] ndjson)
    {
        public byte[] Ndjson => ndjson;
        public JsonNode? Receipt { get; set; }
        public string Outcome => (string)Receipt!["outcome"]!;

        /// <summary>It is there, since now or before.</summary>
        public bool Stands => Outcome is "accepted" or "duplicate";
    }

    /// <summary>A row that could be read, and what is sent for it.</summary>
    /// <param name="Record">What the row becomes: one of the two.</param>
    /// <param name="First">The record, or the point that a visit is of.</param>
    /// <param name="Then">Sent only where the first stands: the visit, or the closing of a session; null for any other row.</param>
    sealed record Row(int Line, string EventId, Report Record, Report First, Report? Then);

    /// <summary>Rows of one batch: those to be sent, and those the map could not read.</summary>
    sealed class Batch
    {
        public List<Row> Readable { get; } = [];
        public List<Rejected> Refused { get; } = [];
        public long Bytes { get; set; }
        public long Until { get; set; }
        public int Rows { get; set; }
        public bool IsFull => Rows >= RowsEach || Bytes >= BytesEach;
    }

    /// <summary>How often each row has been seen, by a hash of all it says.</summary>
    readonly Dictionary<UInt128, int> seen = [];

    long read, accepted, duplicate, conflict, refused;

    public ImportTotals Totals => new(read, accepted, duplicate, conflict, refused);

    /// <summary>Imports the whole file.</summary>
    /// <param name="progress">Told after each batch how far in the file (bytes) every row is settled.</param>
    public async Task Run(Stream file, Action<long> progress, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var batches = Channel.CreateBounded<Batch>(2);
        var reading = Task.Run(() => ReadAll(file, batches.Writer, stop.Token), stop.Token);
        try
        {
            await foreach (var batch in batches.Reader.ReadAllAsync(stop.Token))
            {
                read += batch.Rows;
                await Settle(batch, stop.Token);
                progress(batch.Until);
            }
            await reading;
        }
        finally
        {
            await stop.CancelAsync();
            await reading.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    async Task ReadAll(Stream file, ChannelWriter<Batch> batches, CancellationToken cancel)
    {
        var batch = new Batch();
        try
        {
            foreach (var row in map.Form.RowsPath is null
                ? CsvTable.Rows(file, map.Form, map.Columns) : JsonTable.Rows(file, map.Form, map.Columns))
            {
                Add(batch, row);
                if (!batch.IsFull)
                    continue;
                batch.Until = file.CanSeek ? file.Position : 0;
                var full = batch;
                batch = new Batch();
                await batches.WriteAsync(full, cancel);
            }
            batch.Until = long.MaxValue;
            await batches.WriteAsync(batch, cancel);
            batches.Complete();
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            // What was read before is still settled; then the fault is thrown where the batches are read.
            await batches.WriteAsync(batch, cancel);
            batches.Complete(fault);
        }
    }

    void Add(Batch batch, SourceRow row)
    {
        batch.Rows++;
        var mapped = map.Read(row);
        if (mapped.Record is not { } record)
        {
            batch.Refused.Add(new Rejected(row.Line, mapped.Key, "rejected",
                string.Join(' ', mapped.Faults.Select(fault => fault.Code).Distinct()),
                string.Join(Separator, mapped.Faults.Select(Say))));
            return;
        }
        var eventId = map.Unique ? mapped.Key : $"{mapped.Key}.{Occurrence(mapped.Key, record, mapped.Point?.Record, mapped.Closing).ToString(CultureInfo.InvariantCulture)}";
        var main = Of(eventId, record);
        var built = mapped.Point is var (id, point) ? new Row(row.Line, eventId, main, Once(Of(id, point)), main)
            : new Row(row.Line, eventId, main, main, mapped.Closing is { } closing ? Of($"{eventId}.closed", closing, closes: eventId) : null);
        batch.Readable.Add(built);
        batch.Bytes += built.First.Ndjson.Length + (built.Then?.Ndjson.Length ?? 0);
    }

    /// <summary>Points by all they say: the same one is not sent for each of its visits; another under its id is, and is a conflict.</summary>
    readonly Dictionary<string, Report> points = [];

    Report Once(Report point) => points.TryGetValue(Encoding.UTF8.GetString(point.Ndjson), out var sent) ? sent
        : points[Encoding.UTF8.GetString(point.Ndjson)] = point;

    /// <param name="closes">Event of the session it closes; null for any other report.</param>
    static Report Of(string eventId, byte[] record, string? closes = null)
    {
        using var body = new MemoryStream(record.Length + 128);
        body.Write("{\"eventId\":"u8);
        JsonSerializer.Serialize(body, eventId);
        if (closes is not null)
        {
            body.Write(",\"subject\":"u8);
            JsonSerializer.Serialize(body, closes);
            body.Write(",\"supersedes\":1"u8);
        }
        body.WriteByte((byte)',');
        body.Write(record.AsSpan(1));
        body.WriteByte((byte)'\n');
        return new Report(body.ToArray());
    }

    /// <summary>
    /// Rows that say the same are told apart by their number in the file: it is the same in whatever order they stand. Rows with
    /// the same identity that say different things both claim the first: the second is a conflict, and is named.
    /// </summary>
    int Occurrence(string key, params ReadOnlySpan<byte[]?> said)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        using (var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        {
            all.AppendData(Encoding.UTF8.GetBytes(key));
            foreach (var report in said)
                all.AppendData(report ?? []);
            all.GetHashAndReset(hash);
        }
        return ++CollectionsMarshal.GetValueRefOrAddDefault(seen, MemoryMarshal.Read<UInt128>(hash), out _);
    }

    async Task Settle(Batch batch, CancellationToken cancel)
    {
        if (sender is not null)
        {
            await Send(sender, batch.Readable.Select(row => row.First).Where(one => one.Receipt is null).Distinct(), cancel);
            await Send(sender, batch.Readable.Where(row => row.First.Stands).Select(row => row.Then).OfType<Report>(), cancel);
            foreach (var row in batch.Readable)
                Count(batch, row);
        }
        foreach (var row in batch.Refused.OrderBy(row => row.Line))
        {
            if (row.Outcome == "conflict")
                conflict++;
            else
                refused++;
            rejected(row);
        }
    }

    static async Task Send(ImportSender sender, IEnumerable<Report> reports, CancellationToken cancel)
    {
        var sent = reports.ToList();
        if (sent.Count == 0)
            return;
        using var body = new MemoryStream();
        foreach (var one in sent)
            body.Write(one.Ndjson);
        var receipts = await sender.Send(body.ToArray(), sent.Count, cancel);
        for (var i = 0; i < sent.Count; i++)
            sent[i].Receipt = receipts[i];
    }

    /// <summary>A row is a record where all that was sent for it is; what of it is refused or in conflict is named.</summary>
    void Count(Batch batch, Row row)
    {
        if (!row.First.Stands || row.Then is { Stands: false })
            batch.Refused.Add(Refusal(row, row.First.Stands ? row.Then! : row.First));
        else if (row.Record.Outcome == "accepted")
            accepted++;
        else
            duplicate++;
    }

    Rejected Refusal(Row row, Report wrong)
    {
        var faults = wrong.Receipt!["faults"]?.AsArray() ?? [];
        var (codes, reason) = wrong.Outcome == "conflict" ? ("import.conflict", words.Get("import.conflict", language))
            : (string.Join(' ', faults.Select(fault => (string?)fault!["code"]).Distinct()),
                string.Join(Separator, faults.Select(fault => $"{fault!["member"]}: {fault["message"]}")));
        if (wrong != row.Record)
            reason = words.Get(wrong == row.First ? "import.point" : "import.closing", language, reason);
        return new Rejected(row.Line, row.EventId, wrong.Outcome, codes, reason);
    }

    string Separator => language == "en" ? "; " : "；";

    string Say(RowFault fault)
    {
        var why = words.Get(fault.Code, language, [.. fault.Names]);
        return fault.Member.Length == 0 ? why : $"{fault.Member}: {why}";
    }
}
