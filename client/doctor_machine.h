/* The machine: what it allows the service, and what its kernel can do. */
#ifndef FTPOOL_CLIENT_DOCTOR_MACHINE_H
#define FTPOOL_CLIENT_DOCTOR_MACHINE_H

#include "client/doctor.h"

/* A worker may open as many descriptors as its share of the sessions needs. */
void doctor_check_descriptors(struct doctor *doctor);

/* openat2, Landlock, seccomp, kernel TLS. */
void doctor_check_kernel(struct doctor *doctor);

/* It is set, and kept right by somebody. */
void doctor_check_clock(struct doctor *doctor);

/* Where auth names PAM: its file, and a server that may ask. */
void doctor_check_pam(struct doctor *doctor);

#endif
