using System.Globalization;
using System.IO.Pipelines;

namespace Traffic.Reporting.Editions;

/// <summary>The counted records of an edition as a file: what they are of, then a line for each leaf with its hash's beginning.</summary>
static class EditionExport
{
    /// <summary>Lines before the columns: a name, a value. The digest binds the file to its edition; the first format had none.</summary>
    public static string Head(EditionModel model, string digest) => string.Create(CultureInfo.InvariantCulture, $"""
        {'\uFEFF'}edition,{model.Edition}
        days,{model.From:yyyy-MM-dd} {model.To:yyyy-MM-dd}
        asOf,{model.AsOf}
        leaves,{model.Leaves}
        root,{model.Root}{(model.Format == EditionModel.FirstFormat ? "" : $"\r\ndigest,{digest}")}
        {string.Join(',', Leaf.ColumnsOf(model.Format))}

        """).ReplaceLineEndings("\r\n");

    /// <summary>A leaf's columns, quoted where a comma stands in one.</summary>
    public static void Line(PipeWriter body, ReadOnlySpan<byte> leaf)
    {
        var to = body.GetSpan(leaf.Length + 2 * Leaf.Columns.Count + 8);
        var written = 0;
        foreach (var range in leaf.Split((byte)'|'))
        {
            var field = leaf[range];
            var quoted = field.Contains((byte)',');
            if (written > 0)
                to[written++] = (byte)',';
            if (quoted)
                to[written++] = (byte)'"';
            field.CopyTo(to[written..]);
            written += field.Length;
            if (quoted)
                to[written++] = (byte)'"';
        }
        to[written++] = (byte)'\r';
        to[written++] = (byte)'\n';
        body.Advance(written);
    }
}
