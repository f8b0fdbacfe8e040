#include "supervisor/metrics_line.h"

void metrics_family(
	FILE *out, const char *name, const char *type, const char *unit, const char *help)
{
	fprintf(out, "# TYPE ftpool_%s %s\n", name, type);
	if (unit)
		fprintf(out, "# UNIT ftpool_%s %s\n", name, unit);
	fprintf(out, "# HELP ftpool_%s ", name);
	metrics_label_value(out, help);
	fputc('\n', out);
}

void metrics_label_value(FILE *out, const char *value)
{
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			fputc('\\', out);
		if (*value == '\n')
			fputs("\\n", out);
		else
			fputc(*value, out);
	}
}
