import { ActionIcon, Badge, Menu, UnstyledButton } from '@mantine/core';
import { playInRoom, type RoomTrackView, removeProposal } from '@spindle/contracts';
import {
  IconDotsVertical,
  IconPlayerPlay,
  IconThumbDown,
  IconThumbDownFilled,
  IconThumbUp,
  IconThumbUpFilled,
  IconTrash,
} from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api } from '../api.ts';
import { Artwork } from '../components/artwork.tsx';
import { reportFailure } from '../components/report.ts';
import { TrackLines } from '../components/track-lines.tsx';
import { count } from '../time-words.ts';
import classes from './room.module.css';
import { placeWords } from './room-words.ts';
import { useCommand } from './use-command.ts';
import { useRoom } from './use-room.ts';

function VoteButton(props: { readonly track: RoomTrackView; readonly isLike: boolean }): ReactNode {
  const { track, isLike } = props;
  const { me, channel, votes } = useRoom();
  const mine = me.votes[track.id] ?? null;
  const isPressed = mine === isLike;
  const number = isLike ? track.likes : track.dislikes;
  const isStuck = votes.get(track.id)?.isStuck === true && isPressed;
  const Icon = isLike
    ? isPressed
      ? IconThumbUpFilled
      : IconThumbUp
    : isPressed
      ? IconThumbDownFilled
      : IconThumbDown;
  const what = isLike ? 'Like' : 'Dislike';
  return (
    <UnstyledButton
      className={classes.vote}
      aria-pressed={isPressed}
      aria-label={`${what} ${track.track.name}, ${count(number)} so far${isStuck ? ', not sent yet' : ''}`}
      data-stuck={isStuck || undefined}
      onClick={() => channel.vote(track, isPressed ? null : isLike)}
    >
      <Icon size={20} stroke={1.7} aria-hidden />
      <span aria-hidden>{count(number)}</span>
    </UnstyledButton>
  );
}

function RowMenu({
  track,
  isFixed,
}: {
  readonly track: RoomTrackView;
  readonly isFixed: boolean;
}): ReactNode {
  const { code, me, channel } = useRoom();
  const command = useCommand();
  const isMine = track.proposedBy?.id === me.participantId;
  const remove = useMutation({
    mutationFn: () => api.call(removeProposal, { params: { code, id: track.id } }),
    onSuccess: () => channel.takeRemoval(track),
    onError: reportFailure,
  });
  if (!me.isHost && !isMine) return null;
  return (
    <Menu position="bottom-end" shadow="md" width={200}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          w={36}
          h={48}
          loading={remove.isPending}
          aria-label={`More for ${track.track.name}`}
        >
          <IconDotsVertical size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {me.isHost ? (
          <Menu.Item
            py="sm"
            leftSection={<IconPlayerPlay size={18} aria-hidden />}
            onClick={() =>
              command.mutate((options) =>
                api.enqueue(playInRoom, { params: { code }, body: { roomTrackId: track.id } }, options),
              )
            }
          >
            Play now
          </Menu.Item>
        ) : null}
        <Menu.Item
          py="sm"
          disabled={isFixed}
          leftSection={<IconTrash size={18} aria-hidden />}
          onClick={() => remove.mutate()}
        >
          {isMine ? 'Take back' : 'Remove'}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** One track that waits: why it stands here, and the votes on it. */
export function QueueRow(props: {
  readonly track: RoomTrackView;
  readonly place: number;
  readonly queue: readonly RoomTrackView[];
}): ReactNode {
  const { track, place, queue } = props;
  const { data, me, votes } = useRoom();
  const isFixed = data.playback.nextRoomTrackId === track.id;
  const isStuck = votes.get(track.id)?.isStuck === true;
  return (
    <li className={classes.row} data-glide={track.id} data-testid="waiting" aria-label={track.track.name}>
      <Artwork track={track.track} size={48} />
      <div style={{ minWidth: 0 }}>
        <TrackLines track={track.track} linked={false} />
        <div className={classes.facts}>
          {isFixed ? (
            <Badge size="sm" variant="filled" tt="none">
              next
            </Badge>
          ) : track.state === 'promoted' ? (
            <Badge size="sm" variant="light" tt="none">
              will be played
            </Badge>
          ) : null}
          <bdi data-testid="why">
            {isStuck
              ? 'Not sent yet: no connection'
              : placeWords(track, place, queue, data.room.settings, me.participantId)}
          </bdi>
        </div>
      </div>
      <div className={classes.actions}>
        <VoteButton track={track} isLike />
        <VoteButton track={track} isLike={false} />
        <RowMenu track={track} isFixed={isFixed} />
      </div>
    </li>
  );
}
