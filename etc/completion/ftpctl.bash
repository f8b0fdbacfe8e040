# Completion of ftpctl(8) for bash. Commands, their arguments and options are what the program's own
# help tells; sessions, users and addresses are what a running server tells.

# The first words of the help's lines: commands, or with -- options.
_ftpctl_commands() { ftpctl "$@" --help 2>/dev/null | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p'; }
_ftpctl_options() { ftpctl "$@" --help 2>/dev/null | grep -o -- '--[a-z][a-z-]*' | sort -u; }

# Every value that this key has in the answer to a question.
_ftpctl_values() {
	local key=$1
	shift
	ftpctl "$@" 2>/dev/null | sed -n "s/^ *\"$key\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" | sort -u
}

_ftpctl_addresses() {
	_ftpctl_values peer "$@" --json sessions | sed 's/:[0-9]*$//; s/^\[\(.*\)\]$/\1/' | sort -u
}

# The names in the users file.
_ftpctl_accounts() { ftpctl user list 2>/dev/null | sed -n 's/^[^ ]* *\([^ ]*\).*/\1/p'; }

# What may stand for an argument that the help calls so.
_ftpctl_arguments() {
	local command=$1 form=$2
	shift 2
	case $form in
	SESSION) _ftpctl_values session "$@" --json sessions ;;
	TARGET)
		_ftpctl_values session "$@" --json sessions
		_ftpctl_values user "$@" --json sessions
		_ftpctl_addresses "$@"
		;;
	'ADDRESS[/BITS]') _ftpctl_addresses "$@" ;;
	'ADDRESS|all') printf '%s\n' all; _ftpctl_values address "$@" --json bans ;;
	'[WORKER]') _ftpctl_values worker "$@" --json workers ;;
	'[USER]') _ftpctl_values user "$@" --json quota ;;
	LEVEL) printf '%s\n' error warning info debug ;;
	COMMAND | '[CHECK') _ftpctl_commands "$command" ;;
	set | passwd | lock | unlock | del | show) _ftpctl_accounts ;;
	esac
}

# What may stand behind an option, or status 1 if it takes nothing.
_ftpctl_option_values() {
	local option=$1
	shift
	case $option in
	--recount) printf '%s\n' all; _ftpctl_values user "$@" --json quota ;;
	--user) _ftpctl_accounts ;;
	--time | --reason | --since | --from | -o) ;;
	*) return 1 ;;
	esac
}

_ftpctl_files() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$word")
}

_ftpctl_offer() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$word"); }

# The argument of a command, by its place.
_ftpctl_argument() {
	local form
	form=$(ftpctl --help 2>/dev/null | sed -n "s/^  $command \([^ ]*\).*/\1/p")
	if [ "$place" -gt 0 ] && [ "$form" = COMMAND ]; then
		form=$first
		[ "$command" != cert ] || form=FILE
	elif [ "$place" -gt 0 ] && [ "$form" != '[CHECK' ]; then
		form=
	fi
	case $form in
	FILE | '[PROGRAM]') _ftpctl_files ;;
	*) _ftpctl_offer "$(_ftpctl_arguments "$command" "$form" "${socket[@]}")" ;;
	esac
}

_ftpctl() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local command='' first='' place=0 i socket=() values
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--socket) socket=(--socket "${COMP_WORDS[++i]}") ;;
		--time | --reason | --since | --recount | --file | --output | --user | --from | -c | -o) ((++i)) ;;
		-*) ;;
		*)
			if [ -z "$command" ]; then
				command=${COMP_WORDS[i]}
			else
				[ "$((place++))" -gt 0 ] || first=${COMP_WORDS[i]}
			fi
			;;
		esac
	done
	if [[ $before == --socket || $before == --file || $before == --output || $before == -c ]]; then
		_ftpctl_files
	elif values=$(_ftpctl_option_values "$before" "${socket[@]}"); then
		_ftpctl_offer "$values"
	elif [[ $word == -* ]]; then
		case $command in
		user | cert | doctor | import) ;;
		*) command='' ;;
		esac
		# shellcheck disable=SC2086  # no command is no word
		_ftpctl_offer "$(_ftpctl_options $command)"
	elif [ -n "$command" ]; then
		_ftpctl_argument
	else
		_ftpctl_offer "$(_ftpctl_commands)"
	fi
}

complete -F _ftpctl ftpctl
