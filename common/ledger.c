#include "common/ledger.h"
#include "common/sealed_memory.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Threads of one process lock each other out by these, since a process has the file's locks. */
enum { THREAD_LOCKS = 64 };

/* Bytes of the file that are locked: one a tree, and one for making rows. */
enum { LOCK_ROWS = LEDGER_TREES };

enum { STATE_DOUBTFUL, STATE_COUNTED };

/* Rows are made one behind the other, so that those that were never used cost no memory, and found
 * by an index: where the search for a key begins, there or thereabouts is its row's number + 1. */
enum { INDEX = 2 * LEDGER_TREES };
_Static_assert(LEDGER_TREES == LEDGER_ACCOUNTS && LEDGER_TREES < UINT16_MAX, "fit the index");

struct tree {
	_Atomic uint64_t device, inode;
	_Atomic uint32_t state;
	_Atomic uint32_t holder; /* the process that has it; 0: nobody */
	_Atomic int64_t bytes, files;
};

struct memory {
	_Atomic uint32_t trees, accounts; /* how many rows there are */
	_Atomic uint16_t tree_index[INDEX], account_index[INDEX];
	struct tree tree[LEDGER_TREES];
	struct ledger_account account[LEDGER_ACCOUNTS];
};

struct ledger {
	struct memory *memory;
	int descriptor;
	pthread_mutex_t locks[THREAD_LOCKS];
};

/* ---- memory ---- */

struct ledger *ledger_adopt(int descriptor)
{
	struct ledger *ledger = sealed_memory_is(descriptor, sizeof(struct memory))
					? calloc(1, sizeof(*ledger))
					: NULL;

	if (ledger) {
		ledger->descriptor = descriptor;
		ledger->memory = mmap(NULL, sizeof(struct memory), PROT_READ | PROT_WRITE,
			MAP_SHARED, descriptor, 0);
		for (int i = 0; i < THREAD_LOCKS; i++)
			pthread_mutex_init(&ledger->locks[i], NULL);
		if (ledger->memory != MAP_FAILED)
			return ledger;
	}
	free(ledger);
	close(descriptor);
	return NULL;
}

struct ledger *ledger_new(void)
{
	int descriptor = sealed_memory_new("ftpool-ledger", sizeof(struct memory));

	return descriptor < 0 ? NULL : ledger_adopt(descriptor);
}

void ledger_free(struct ledger *ledger)
{
	if (!ledger)
		return;
	munmap(ledger->memory, sizeof(struct memory));
	close(ledger->descriptor);
	free(ledger);
}

int ledger_descriptor(const struct ledger *ledger)
{
	return ledger->descriptor;
}

/* ---- locks ---- */

/* The kernel sees processes, not threads, and may take two threads that wait for each other's
 * process for a deadlock. */
static int lock(const struct ledger *ledger, int byte, short kind)
{
	struct flock range = {.l_type = kind, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
	int error = 0;

	do {
		if (error == EDEADLK)
			sched_yield();
		error = fcntl(ledger->descriptor, F_SETLKW, &range) < 0 ? errno : 0;
	} while (error == EINTR || error == EDEADLK);
	return -error;
}

static int take_byte(struct ledger *ledger, int byte)
{
	int error;

	pthread_mutex_lock(&ledger->locks[byte % THREAD_LOCKS]);
	error = lock(ledger, byte, F_WRLCK);
	if (error < 0)
		pthread_mutex_unlock(&ledger->locks[byte % THREAD_LOCKS]);
	return error;
}

static void give_byte(struct ledger *ledger, int byte)
{
	(void)lock(ledger, byte, F_UNLCK);
	pthread_mutex_unlock(&ledger->locks[byte % THREAD_LOCKS]);
}

/* ---- trees ---- */

static uint32_t count_of(const _Atomic uint32_t *count)
{
	uint32_t rows = atomic_load(count);

	return rows < LEDGER_TREES ? rows : LEDGER_TREES;
}

uint32_t ledger_trees(const struct ledger *ledger)
{
	return count_of(&ledger->memory->trees);
}

static bool is_at(const struct tree *tree, const struct ledger_key *key)
{
	return atomic_load(&tree->device) == key->device && atomic_load(&tree->inode) == key->inode;
}

static uint64_t start_of(const struct ledger_key *key)
{
	return (key->inode * UINT64_C(0x9e3779b97f4a7c15) + key->device) >> 16;
}

int ledger_find(struct ledger *ledger, const struct ledger_key *key)
{
	for (uint64_t i = start_of(key), end = i + INDEX; i < end; i++) {
		uint32_t row = atomic_load(&ledger->memory->tree_index[i % INDEX]);

		if (row == 0)
			break;
		if (row <= LEDGER_TREES && is_at(&ledger->memory->tree[row - 1], key))
			return (int)row - 1;
	}
	return -1;
}

/* Puts a row's number into the index, where there are always vacant places. */
static void enter(_Atomic uint16_t index[INDEX], uint64_t start, uint32_t row)
{
	uint64_t end = start + INDEX;

	while (start < end && atomic_load(&index[start % INDEX]) != 0)
		start++;
	atomic_store(&index[start % INDEX], (uint16_t)(row + 1));
}

static int make_tree(struct ledger *ledger, const struct ledger_key *key)
{
	uint32_t row = ledger_trees(ledger);
	int made = ledger_find(ledger, key);

	if (made >= 0)
		return made;
	if (row == LEDGER_TREES)
		return -ENOSPC;
	atomic_store(&ledger->memory->tree[row].device, key->device);
	atomic_store(&ledger->memory->tree[row].inode, key->inode);
	enter(ledger->memory->tree_index, start_of(key), row);
	atomic_store(&ledger->memory->trees, row + 1);
	return (int)row;
}

int ledger_add(struct ledger *ledger, const struct ledger_key *key)
{
	int row = ledger_find(ledger, key);

	if (row >= 0)
		return row;
	row = take_byte(ledger, LOCK_ROWS);
	if (row < 0)
		return row;
	row = make_tree(ledger, key);
	give_byte(ledger, LOCK_ROWS);
	return row;
}

static struct tree *row_of(struct ledger *ledger, int tree)
{
	assert(tree >= 0 && tree < LEDGER_TREES);
	return &ledger->memory->tree[tree];
}

int ledger_take(struct ledger *ledger, int tree)
{
	struct tree *row = row_of(ledger, tree);
	int error = take_byte(ledger, tree);

	if (error < 0)
		return error;
	if (atomic_exchange(&row->holder, (uint32_t)getpid()) != 0)
		atomic_store(&row->state, STATE_DOUBTFUL);
	return atomic_load(&row->state) == STATE_COUNTED;
}

void ledger_give(struct ledger *ledger, int tree)
{
	atomic_store(&ledger->memory->tree[tree].holder, 0);
	give_byte(ledger, tree);
}

void ledger_set(struct ledger *ledger, int tree, struct ledger_use use)
{
	struct tree *row = row_of(ledger, tree);

	atomic_store(&row->bytes, use.bytes);
	atomic_store(&row->files, use.files);
	atomic_store(&row->state, STATE_COUNTED);
}

static int64_t changed(int64_t value, int64_t by)
{
	return __builtin_add_overflow(value, by, &value) ? INT64_MAX : value < 0 ? 0 : value;
}

void ledger_change(struct ledger *ledger, int tree, int64_t bytes, int64_t files)
{
	struct tree *row = row_of(ledger, tree);

	atomic_store(&row->bytes, changed(atomic_load(&row->bytes), bytes));
	atomic_store(&row->files, changed(atomic_load(&row->files), files));
}

bool ledger_look(struct ledger *ledger, int tree, struct ledger_key *key, struct ledger_use *use)
{
	struct tree *row = row_of(ledger, tree);

	*key = (struct ledger_key){atomic_load(&row->device), atomic_load(&row->inode)};
	*use = (struct ledger_use){
		changed(atomic_load(&row->bytes), 0), changed(atomic_load(&row->files), 0)};
	return atomic_load(&row->state) == STATE_COUNTED;
}

void ledger_doubt(struct ledger *ledger, int tree)
{
	uint32_t counted = STATE_COUNTED;

	(void)atomic_compare_exchange_strong(
		&ledger->memory->tree[tree].state, &counted, STATE_DOUBTFUL);
}

/* The mark stays for who takes the tree next. */
uint32_t ledger_bury(struct ledger *ledger, pid_t pid)
{
	uint32_t doubted = 0;

	for (uint32_t tree = 0; tree < ledger_trees(ledger); tree++) {
		if (atomic_load(&ledger->memory->tree[tree].holder) == (uint32_t)pid) {
			ledger_doubt(ledger, (int)tree);
			doubted++;
		}
	}
	return doubted;
}

/* ---- accounts ---- */

static uint64_t number_of(const char *name)
{
	uint64_t number = 2166136261u;

	for (size_t i = 0; i < LEDGER_NAME && name[i] != '\0'; i++)
		number = (number ^ (unsigned char)name[i]) * 16777619u;
	return number;
}

/* The number of its row, or -1. */
static int find_account(struct ledger *ledger, const char *name)
{
	for (uint64_t i = number_of(name), end = i + INDEX; i < end; i++) {
		uint32_t row = atomic_load(&ledger->memory->account_index[i % INDEX]);

		if (row == 0)
			break;
		if (row <= LEDGER_ACCOUNTS &&
			strncmp(ledger->memory->account[row - 1].name, name, LEDGER_NAME - 1) == 0)
			return (int)row - 1;
	}
	return -1;
}

static void note_account(struct ledger *ledger, const struct ledger_account *account)
{
	uint32_t rows = count_of(&ledger->memory->accounts);
	int row = find_account(ledger, account->name);

	if (row >= 0) {
		ledger->memory->account[row] = *account;
	} else if (rows < LEDGER_ACCOUNTS && (account->bytes > 0 || account->files > 0)) {
		ledger->memory->account[rows] = *account;
		enter(ledger->memory->account_index, number_of(account->name), rows);
		atomic_store(&ledger->memory->accounts, rows + 1);
	}
}

void ledger_note_account(struct ledger *ledger, const struct ledger_account *account)
{
	if (take_byte(ledger, LOCK_ROWS) < 0)
		return;
	note_account(ledger, account);
	give_byte(ledger, LOCK_ROWS);
}

bool ledger_next_account(struct ledger *ledger, uint32_t *position, struct ledger_account *account)
{
	if (*position >= count_of(&ledger->memory->accounts))
		return false;
	*account = ledger->memory->account[(*position)++];
	account->name[LEDGER_NAME - 1] = '\0';
	return true;
}
