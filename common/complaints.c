#include "common/complaints.h"

#include <stdarg.h>

void complain(struct complaints *complaints, struct origin origin, const char *format, ...)
{
	va_list values;

	complaints->count++;
	if (origin.line > 0)
		fprintf(complaints->to, "%s:%u: ", origin.file, origin.line);
	else
		fprintf(complaints->to, "%s: ", origin.file);
	va_start(values, format);
	vfprintf(complaints->to, format, values);
	va_end(values);
	fputc('\n', complaints->to);
}
