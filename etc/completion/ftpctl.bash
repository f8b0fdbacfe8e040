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

# What may stand for an argument that the help calls so.
_ftpctl_arguments() {
	local command=$1 form=$2
	shift 2
	case $form in
	SESSION) _ftpctl_values session "$@" --json sessions ;;
	TARGET)
		_ftpctl_values session "$@" --json sessions
		_ftpctl_values user "$@" --json sessions
		_ftpctl_values peer "$@" --json sessions | sed 's/:[0-9]*$//; s/^\[\(.*\)\]$/\1/' | sort -u
		;;
	'ADDRESS|all') printf '%s\n' all; _ftpctl_values address "$@" --json bans ;;
	'[WORKER]') _ftpctl_values worker "$@" --json workers ;;
	LEVEL) printf '%s\n' error warning info debug ;;
	COMMAND) _ftpctl_commands "$command" ;;
	esac
}

_ftpctl() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local command='' form='' place=0 i socket=()
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--socket) socket=(--socket "${COMP_WORDS[++i]}") ;;
		--time | --reason | --since) ((++i)) ;;
		-*) ;;
		*) if [ -z "$command" ]; then command=${COMP_WORDS[i]}; else ((++place)); fi ;;
		esac
	done
	if [ "$before" = --socket ] || [ "$before" = --file ]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	elif [ -n "$command" ] && [[ $word != -* ]]; then
		form=$(ftpctl --help 2>/dev/null | sed -n "s/^  $command \([^ ]*\).*/\1/p")
		[ "$place" -gt 0 ] || mapfile -t COMPREPLY < <(compgen -W \
			"$(_ftpctl_arguments "$command" "$form" "${socket[@]}")" -- "$word")
		[ ${#COMPREPLY[@]} -gt 0 ] || [ "$form" != COMMAND ] ||
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
	elif [[ $word == -* ]]; then
		case $command in
		user | cert | doctor | import) ;;
		*) command='' ;;
		esac
		# shellcheck disable=SC2086  # no command is no word
		mapfile -t COMPREPLY < <(compgen -W "$(_ftpctl_options $command)" -- "$word")
	else
		mapfile -t COMPREPLY < <(compgen -W "$(_ftpctl_commands)" -- "$word")
	fi
}

complete -F _ftpctl ftpctl
